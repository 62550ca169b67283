import Synchronization

/// The recent use of each client: a table of fixed size that any number of threads share without a lock.
///
/// Order       The generic cell rate algorithm: for a client the table stores only the moment at which it will have
///             paid for all its requests, each of which costs `interval`. A request is allowed if that moment, plus the
///             cost of the request, is at most `burst` intervals away.
/// Complexity  A request reads one set of eight slots, which is one cache line, and changes one of them.
/// Progress    Lock-free: a compare-and-swap fails only because another one succeeded.
/// Memory      8 bytes a slot, and no pointers: there is nothing to reclaim. A slot holds 24 bits of the key's hash and
///             a moment of 40 bits, in steps of 100 µs. A slot whose moment is past can be reused; if all eight are in
///             use, the one with the earliest moment is, so a flood of keys makes the limit milder and never rejects a
///             new client. Two keys are taken for one with a probability of 2^-21, and the hash is seeded per process,
///             so that nobody can aim at it.
/// Clocks      Callers read the clock before they call `take`, and may be delayed in between: a caller's reading can be
///             older than that with which another one has just stored a moment. A moment is at most `burst` intervals
///             ahead of the reading it was stored with, so it is at most that, plus the difference of the readings,
///             ahead of an older one. All of that counts as debt: the request is rejected where a caller in time would
///             have been allowed, or allowed at the same cost, since the new moment is one interval after the stored
///             one and not after the reading. So readings from a span of time allow at most `burst` requests, and one
///             more for each interval in the span, in whatever order they come.
///
///             Moments are stored modulo 2^40 steps, 3.5 years. One that is ahead by less than half of that is debt,
///             and any other is past. To keep this true of old moments, each eighth of the range, an era of 159 days,
///             begins with clearing those that are past: from then on no moment is further behind than the era, nor
///             further ahead than the end of the era and the longest burst, of two eras. So readings may differ by an
///             era. After three eras without a request, all moments are past, and are cleared without looking at them;
///             a request that another thread stores at that time is cleared with them.
@safe
final class RateTable: @unchecked Sendable {
    // `@unchecked Sendable`: the slots are atomic.

    /// Nanoseconds of a step.
    static let stepNanoseconds: Int64 = 100_000
    private static let slotsPerSet = 8
    private static let momentMask: UInt64 = (1 << 40) - 1
    /// Maximum number of slots, 128 MiB.
    static let maximumSlotCount = 1 << 24
    private static let eraBits: UInt64 = 37
    /// Steps of the longest burst: two eras.
    private static let maximumBurstSteps: Int64 = 1 << 38

    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    private let setMask: Int
    /// Cost of a request, in steps.
    private let interval: UInt64
    private let burst: UInt64
    /// The era for which past moments were cleared last.
    private let era = Atomic<UInt64>(0)

    /// The decision about a request. Times in nanoseconds.
    struct Verdict {
        let isAllowed: Bool
        /// Number of requests that would be allowed now.
        let remaining: Int
        /// Time until the whole burst is available again; for a rejected request, until one request is.
        let waitNanoseconds: Int64
    }

    /// Whether a burst is refilled within the time that moments can express, about ten months.
    static func canHold(intervalNanoseconds: Int64, burst: Int) -> Bool {
        let (steps, isTooLong) = (intervalNanoseconds / stepNanoseconds).multipliedReportingOverflow(by: Int64(burst))
        return !isTooLong && intervalNanoseconds >= stepNanoseconds && burst >= 1 && steps <= maximumBurstSteps
    }

    /// Creates a table, only with values for which `canHold` is true.
    ///
    /// - Parameter slots: rounded up to a power of two, at least eight and at most `maximumSlotCount`.
    init(slots count: Int, intervalNanoseconds: Int64, burst: Int) {
        var sets = 1
        while sets * RateTable.slotsPerSet < min(count, RateTable.maximumSlotCount) { sets *= 2 }
        setMask = sets - 1
        interval = UInt64(max(1, intervalNanoseconds / RateTable.stepNanoseconds))
        self.burst = UInt64(max(1, burst))
        unsafe slots = .allocate(capacity: sets * RateTable.slotsPerSet)
        for index in 0..<(sets * RateTable.slotsPerSet) {
            // Each slot is initialized once, within the allocation.
            unsafe (slots + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        unsafe slots.deinitialize(count: (setMask + 1) * RateTable.slotsPerSet)
        unsafe slots.deallocate()
    }

    /// Counts a request of the key with this hash, if it is allowed.
    func take(hash: UInt64, nanoseconds: Int64) -> Verdict {
        let steps = UInt64(max(0, nanoseconds) / RateTable.stepNanoseconds)
        // Relaxed: the thread that changes it clears past moments, and the words themselves say which are past.
        if steps >> RateTable.eraBits > era.load(ordering: .relaxed) { enter(era: steps >> RateTable.eraBits) }
        let now = steps & RateTable.momentMask
        // Not 0, which marks a slot that was never used.
        let mark = max(1, hash >> 40)
        let first = (Int(truncatingIfNeeded: hash) & setMask) * RateTable.slotsPerSet
        while true {
            let (index, word) = slot(mark, first, now)
            let owed = word >> 40 == mark ? debt(word, now) : 0
            guard owed + interval <= burst * interval else {
                return Verdict(
                    isAllowed: false, remaining: 0, waitNanoseconds: wait(owed + interval - burst * interval))
            }
            let next = mark << 40 | (now &+ owed &+ interval) & RateTable.momentMask
            // Relaxed: the word is the whole state. In bounds: a set lies within the allocation.
            let (exchanged, _) = unsafe slots[first + index].compareExchange(
                expected: word, desired: next, ordering: .relaxed)
            guard exchanged else { continue }
            return Verdict(
                isAllowed: true, remaining: Int(burst - (owed + interval + interval - 1) / interval),
                waitNanoseconds: wait(owed + interval))
        }
    }

    /// The slot of a key in its set, or the one to reuse for it.
    private func slot(_ mark: UInt64, _ first: Int, _ now: UInt64) -> (index: Int, word: UInt64) {
        var best = (index: 0, word: 0 as UInt64)
        var least = UInt64.max
        for index in 0..<RateTable.slotsPerSet {
            // In bounds: a set lies within the allocation.
            let word = unsafe slots[first + index].load(ordering: .relaxed)
            if word >> 40 == mark { return (index, word) }
            let owed = debt(word, now)
            if owed < least { (best, least) = ((index, word), owed) }
        }
        return best
    }

    /// Steps until everything is paid for; 0 for moments in the past, including those before the clock wrapped around.
    private func debt(_ word: UInt64, _ now: UInt64) -> UInt64 {
        let ahead = (word &- now) & RateTable.momentMask
        return word == 0 || ahead > RateTable.momentMask / 2 ? 0 : ahead
    }

    /// Clears past moments at the beginning of an era, in one thread. Not inlined: it happens every few months.
    @inline(never)
    private func enter(era next: UInt64) {
        var last = era.load(ordering: .relaxed)
        while last < next {
            let (exchanged, original) = era.compareExchange(expected: last, desired: next, ordering: .relaxed)
            if exchanged { break }
            last = original
        }
        guard last < next else { return }
        let start = (next << RateTable.eraBits) & RateTable.momentMask
        for index in 0..<(setMask + 1) * RateTable.slotsPerSet {
            // In bounds: all slots of the allocation.
            let word = unsafe slots[index].load(ordering: .relaxed)
            guard word != 0, next - last > 3 || debt(word, start) == 0 else { continue }
            // A slot that has changed meanwhile is kept.
            _ = unsafe slots[index].compareExchange(expected: word, desired: 0, ordering: .relaxed)
        }
    }

    private func wait(_ steps: UInt64) -> Int64 { Int64(steps) * RateTable.stepNanoseconds }
}
