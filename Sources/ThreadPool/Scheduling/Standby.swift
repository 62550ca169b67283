import Platform
import Synchronization

/// The workers that have nothing to do: some search for work, the others sleep. Whoever makes work calls for help
/// here, and wakes a sleeper only when nobody searches, since a searcher looks everywhere once more before it sleeps.
///
/// That no job is left behind while a worker sleeps rests on the one order of all sequentially consistent accesses:
/// - The producer queues the job, then reads the number of searchers, then the sleepers.
/// - A worker that stops searching lowers the number, announces itself as a sleeper, then looks into all queues.
///
/// If the producer saw a searcher, that one lowers the number later, so it finds the job when it looks. If it saw no
/// sleeper, whoever announces itself does so later, and finds the job as well. Otherwise the producer wakes one. A
/// searcher that finds some other job, and was the last to search, calls for help itself if there is more.
///
/// A worker is woken as one that is counted as searching already, so that producers between its wake-up and its
/// first instruction don't wake another. Sleepers with low numbers are woken first: those with high numbers stay
/// idle, and time out.
final class Standby: Sendable {
    /// The first integer counts the searchers; those after it hold a bit for each sleeper. A bit only says where a
    /// sleeper may be found: it may have left since, and its parking knows.
    private let state: AtomicLines
    private let wordCount: Int
    /// Where each worker sleeps, alone.
    private let parkings: FixedArray<Parking>

    /// For workers numbered from 0 to `capacity - 1`.
    init(capacity: Int) {
        wordCount = (capacity + 63) / 64
        state = AtomicLines(lines: (wordCount + AtomicLines.perLine) / AtomicLines.perLine)
        // No worker is left when this goes: each one's thread holds the scheduler, which holds this.
        parkings = FixedArray(count: capacity) { _ in Parking() }
    }

    /// How many workers search, those included that were woken and have not yet got to it.
    var searchers: Int { Int(state[0].load(ordering: .sequentiallyConsistent)) }

    /// How many workers sleep or are about to.
    var sleepers: Int {
        (1...wordCount).reduce(0) { $0 + state[$1].load(ordering: .relaxed).nonzeroBitCount }
    }

    /// Joins the searchers, unless there are `limit` of them already.
    func beginSearching(limit: Int) -> Bool {
        // Relaxed: one too many for a moment does no harm. The addition is part of the order above.
        guard state[0].load(ordering: .relaxed) < UInt64(limit) else { return false }
        state[0].wrappingAdd(1, ordering: .sequentiallyConsistent)
        return true
    }

    /// Leaves the searchers. True: this was the last one.
    func endSearching() -> Bool {
        state[0].wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0
    }

    /// Makes `worker` a sleeper that may be woken. It must look for work once more, and then `cancel` or `sleep`.
    func announce(_ worker: Int) {
        parkings[worker].announce()
        state[1 + worker / 64].bitwiseOr(Self.bit(of: worker), ordering: .sequentiallyConsistent)
    }

    /// Takes the announcement back. True: somebody has woken this worker meanwhile, so it counts as searching.
    func cancel(_ worker: Int) -> Bool {
        let isWoken = parkings[worker].cancel()
        forget(worker)
        return isWoken
    }

    /// Sleeps. True: woken, and counted as searching. False: `timeoutNanoseconds` passed (`nil` never does).
    func sleep(_ worker: Int, timeoutNanoseconds: Int64?) -> Bool {
        let isWoken = parkings[worker].wait(timeoutNanoseconds: timeoutNanoseconds)
        forget(worker)
        return isWoken
    }

    /// Sees to it that somebody will look for the work that the caller has just queued. False: nobody can, as no
    /// worker searches and none sleeps.
    @inline(__always) func callForHelp() -> Bool {
        searchers > 0 || wakeOne()
    }

    /// Wakes every sleeper, whatever the searchers do.
    func wakeAll() {
        while let worker = claimSleeper() {
            state[0].wrappingAdd(1, ordering: .sequentiallyConsistent)
            if !parkings[worker].wakeOne() { _ = endSearching() }
        }
    }

    /// Wakes the sleeper with the lowest number. False: there is none.
    private func wakeOne() -> Bool {
        while isAnyoneAsleep {
            // Counts the sleeper as searching before it is; fails when somebody began to search meanwhile.
            guard
                state[0].compareExchange(expected: 0, desired: 1, ordering: .sequentiallyConsistent).exchanged
            else { return true }
            if let worker = claimSleeper(), parkings[worker].wakeOne() { return true }
            // It had left by itself. Others may have trusted the number meanwhile, so look again for a sleeper.
            _ = endSearching()
        }
        return false
    }

    private var isAnyoneAsleep: Bool {
        for word in 1...wordCount where state[word].load(ordering: .sequentiallyConsistent) != 0 { return true }
        return false
    }

    /// Clears the lowest bit that is set, and returns whose it was. Nobody else gets the same one.
    private func claimSleeper() -> Int? {
        for word in 1...wordCount {
            var bits = state[word].load(ordering: .sequentiallyConsistent)
            while bits != 0 {
                let lowest = bits & (~bits &+ 1)
                bits = state[word].bitwiseAnd(~lowest, ordering: .sequentiallyConsistent).oldValue
                if bits & lowest != 0 { return (word - 1) * 64 + lowest.trailingZeroBitCount }
            }
        }
        return nil
    }

    /// Clears the bit of a worker that is awake. Relaxed: whoever still sees it asks the parking.
    private func forget(_ worker: Int) {
        state[1 + worker / 64].bitwiseAnd(~Self.bit(of: worker), ordering: .relaxed)
    }

    private static func bit(of worker: Int) -> UInt64 {
        1 << UInt64(worker % 64)
    }
}
