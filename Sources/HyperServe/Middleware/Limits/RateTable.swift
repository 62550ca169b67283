import Synchronization

/// How much each client has used lately: a table of fixed size that any number of threads share without a lock.
///
/// Order       The generic cell rate algorithm: of a client only the moment is kept at which it will have paid for all
///             its requests, each of which costs `interval`. A request is let through if that moment, with the
///             request's cost added, is at most `burst` intervals away.
/// Complexity  A request looks at one set of eight places, which is one cache line, and changes one of them.
/// Progress    Lock-free: a compare-and-swap fails only because another one succeeded.
/// Memory      8 bytes a place, and no pointers: there is nothing to reclaim. A place holds 24 bits of the key's hash
///             and a moment of 40 bits, in steps of 100 µs. What has been paid for says nothing and gives its place up;
///             when all eight are needed, the one that is paid for first goes, so a flood of keys makes the limit
///             milder and never refuses a stranger. Two keys are taken for one with a probability of 2^-21, and the
///             hash is seeded per process, so that nobody can aim at it.
/// Clocks      Callers read the clock before they come here, and may be held up in between: the reading of one can be
///             older than that with which another has just stored a moment. A moment is at most `burst` intervals ahead
///             of the reading it was stored with, so it is at most that, and the difference of the readings, ahead of
///             an older one. All of that is debt: the request is refused where a caller in time would have let it
///             through, or let through at the same cost, since what is stored grows by one interval from what was there
///             and not from the reading. So readings from a span of time let at most `burst` requests through, and one
///             more for each interval in the span, in whatever order they come.
///
///             Moments are kept modulo 2^40 steps, 3.5 years. One that is ahead by less than half of that is debt, and
///             every other is past. For that to be true of old ones, each eighth of the range, an era of 159 days,
///             begins with forgetting what is past: from then on no moment is further behind than the era, nor further
///             ahead than the end of the era and the longest burst, of two eras. So readings may differ by an era.
///             When three eras have gone by without a request, all there is is past, and is forgotten unseen; a request
///             that another thread stores in that moment is forgotten with it.
@safe
final class RateTable: @unchecked Sendable {
    // `@unchecked Sendable`: the places are atomic.

    /// Nanoseconds of a step.
    static let stepNanoseconds: Int64 = 100_000
    private static let placesPerSet = 8
    private static let momentMask: UInt64 = (1 << 40) - 1
    /// The most places, 128 MiB.
    static let maximumPlaceCount = 1 << 24
    private static let eraBits: UInt64 = 37
    /// Steps of the longest burst: two eras.
    private static let maximumBurstSteps: Int64 = 1 << 38

    private let places: UnsafeMutablePointer<Atomic<UInt64>>
    private let setMask: Int
    /// Steps that a request costs.
    private let interval: UInt64
    private let burst: UInt64
    /// The era for which what is past was forgotten last.
    private let era = Atomic<UInt64>(0)

    /// What becomes of a request. Times in nanoseconds.
    struct Verdict {
        let isAllowed: Bool
        /// Requests that would be let through at once.
        let remaining: Int
        /// Until all of the burst is there again, or, if it was refused, until one request is.
        let waitNanoseconds: Int64
    }

    /// Whether a burst is back within the time that moments can express, about ten months.
    static func canHold(intervalNanoseconds: Int64, burst: Int) -> Bool {
        let (steps, isTooLong) = (intervalNanoseconds / stepNanoseconds).multipliedReportingOverflow(by: Int64(burst))
        return !isTooLong && intervalNanoseconds >= stepNanoseconds && burst >= 1 && steps <= maximumBurstSteps
    }

    /// Only with values that `canHold` allows.
    ///
    /// - Parameter places: rounded up to a power of two, at least eight and at most `maximumPlaceCount`.
    init(places count: Int, intervalNanoseconds: Int64, burst: Int) {
        var sets = 1
        while sets * RateTable.placesPerSet < min(count, RateTable.maximumPlaceCount) { sets *= 2 }
        setMask = sets - 1
        interval = UInt64(max(1, intervalNanoseconds / RateTable.stepNanoseconds))
        self.burst = UInt64(max(1, burst))
        unsafe places = .allocate(capacity: sets * RateTable.placesPerSet)
        for index in 0..<(sets * RateTable.placesPerSet) {
            // Each place is made once, within the allocation.
            unsafe (places + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        unsafe places.deinitialize(count: (setMask + 1) * RateTable.placesPerSet)
        unsafe places.deallocate()
    }

    /// Asks for one request of the key with this hash.
    func take(hash: UInt64, nanoseconds: Int64) -> Verdict {
        let steps = UInt64(max(0, nanoseconds) / RateTable.stepNanoseconds)
        // Relaxed: whoever has changed it forgets what is past; the words themselves say which are.
        if steps >> RateTable.eraBits > era.load(ordering: .relaxed) { enter(era: steps >> RateTable.eraBits) }
        let now = steps & RateTable.momentMask
        // Not 0, which marks a place that was never used.
        let mark = max(1, hash >> 40)
        let first = (Int(truncatingIfNeeded: hash) & setMask) * RateTable.placesPerSet
        while true {
            let (index, word) = place(mark, first, now)
            let owed = word >> 40 == mark ? debt(word, now) : 0
            guard owed + interval <= burst * interval else {
                return Verdict(
                    isAllowed: false, remaining: 0, waitNanoseconds: wait(owed + interval - burst * interval))
            }
            let next = mark << 40 | (now &+ owed &+ interval) & RateTable.momentMask
            // Relaxed: the word is all there is. In bounds: a set lies within the allocation.
            let (exchanged, _) = unsafe places[first + index].compareExchange(
                expected: word, desired: next, ordering: .relaxed)
            guard exchanged else { continue }
            return Verdict(
                isAllowed: true, remaining: Int(burst - (owed + interval + interval - 1) / interval),
                waitNanoseconds: wait(owed + interval))
        }
    }

    /// The place of a key in its set, or the one to take for it.
    private func place(_ mark: UInt64, _ first: Int, _ now: UInt64) -> (index: Int, word: UInt64) {
        var best = (index: 0, word: 0 as UInt64)
        var least = UInt64.max
        for index in 0..<RateTable.placesPerSet {
            // In bounds: a set lies within the allocation.
            let word = unsafe places[first + index].load(ordering: .relaxed)
            if word >> 40 == mark { return (index, word) }
            let owed = debt(word, now)
            if owed < least { (best, least) = ((index, word), owed) }
        }
        return best
    }

    /// Steps until all is paid for; 0 for moments in the past, those before the clock came round among them.
    private func debt(_ word: UInt64, _ now: UInt64) -> UInt64 {
        let ahead = (word &- now) & RateTable.momentMask
        return word == 0 || ahead > RateTable.momentMask / 2 ? 0 : ahead
    }

    /// Forgets what is past at the beginning of an era; one thread does it. Every few months, so out of the way.
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
        for index in 0..<(setMask + 1) * RateTable.placesPerSet {
            // In bounds: all places of the allocation.
            let word = unsafe places[index].load(ordering: .relaxed)
            guard word != 0, next - last > 3 || debt(word, start) == 0 else { continue }
            // One that has changed meanwhile stays.
            _ = unsafe places[index].compareExchange(expected: word, desired: 0, ordering: .relaxed)
        }
    }

    private func wait(_ steps: UInt64) -> Int64 { Int64(steps) * RateTable.stepNanoseconds }
}
