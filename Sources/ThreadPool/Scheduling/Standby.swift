import Platform
import Synchronization

/// The idle workers: some search for work, the others sleep. A thread that queues a job calls for help here, and wakes
/// a sleeper only if no worker searches, since a searcher checks all queues once more before it sleeps.
///
/// That no job is left behind while a worker sleeps rests on the single order of all sequentially consistent accesses:
/// - The producer queues the job, then reads the number of searchers, then the sleepers.
/// - A worker that stops searching decrements the number, announces itself as a sleeper, then checks all queues.
///
/// If the producer saw a searcher, that one decrements the number later, so it finds the job when it checks. If it saw
/// no sleeper, any worker that announces itself does so later, and finds the job as well. Otherwise the producer wakes
/// one. A worker that finds another job, as the last searcher or in its check as a sleeper, calls for help itself if
/// there is more. Tests/Models/standby.pml tries all interleavings.
///
/// A woken worker counts as searching already, so that producers between its wake-up and its first instruction don't
/// wake another. Sleepers with low numbers are woken first: those with high numbers stay idle, and time out.
final class Standby: Sendable {
    /// The first integer counts the searchers; the others have a bit for each sleeper. A bit is only a hint: the
    /// sleeper may have left since, and its parking decides.
    private let state: AtomicLines
    private let wordCount: Int
    /// The parking of each worker.
    private let parkings: FixedArray<Parking>

    /// For workers numbered from 0 to `capacity - 1`.
    init(capacity: Int) {
        wordCount = (capacity + 63) / 64
        state = AtomicLines(lines: (wordCount + AtomicLines.perLine) / AtomicLines.perLine)
        // No worker exists when this is destroyed: each one's thread retains the scheduler, which retains this.
        parkings = FixedArray(count: capacity) { _ in Parking() }
    }

    /// The number of workers that search, including those that were woken and do not run yet.
    var searchers: Int { Int(state[0].load(ordering: .sequentiallyConsistent)) }

    /// The number of workers that sleep or are about to.
    var sleepers: Int {
        (1...wordCount).reduce(0) { $0 + state[$1].load(ordering: .relaxed).nonzeroBitCount }
    }

    /// Adds the calling worker to the searchers unless there are `limit` of them already. Returns whether it did.
    func beginSearching(limit: Int) -> Bool {
        // Relaxed: one too many for a moment does no harm. The addition is part of the order above.
        guard state[0].load(ordering: .relaxed) < UInt64(limit) else { return false }
        state[0].wrappingAdd(1, ordering: .sequentiallyConsistent)
        return true
    }

    /// Removes the calling worker from the searchers. Returns whether it was the last one.
    func endSearching() -> Bool {
        state[0].wrappingSubtract(1, ordering: .sequentiallyConsistent).newValue == 0
    }

    /// Makes `worker` a sleeper that may be woken. It must search once more, and then `cancel` or `sleep`.
    func announce(_ worker: Int) {
        parkings[worker].announce()
        state[1 + worker / 64].bitwiseOr(Self.bit(of: worker), ordering: .sequentiallyConsistent)
    }

    /// Withdraws the announcement. Returns true if this worker was woken meanwhile; it then counts as searching.
    func cancel(_ worker: Int) -> Bool {
        let isWoken = parkings[worker].cancel()
        forget(worker)
        return isWoken
    }

    /// Sleeps. Returns true if woken; the worker then counts as searching. Returns false after `timeoutNanoseconds`
    /// (`nil`: no timeout).
    func sleep(_ worker: Int, timeoutNanoseconds: Int64?) -> Bool {
        let isWoken = parkings[worker].wait(timeoutNanoseconds: timeoutNanoseconds)
        forget(worker)
        return isWoken
    }

    /// Ensures that a worker will search for the job that the caller has just queued. Returns false if that is
    /// impossible, as no worker searches and none sleeps.
    @inline(__always) func callForHelp() -> Bool {
        searchers > 0 || wakeOne()
    }

    /// Wakes every sleeper, even if there are searchers.
    func wakeAll() {
        while let worker = claimSleeper() {
            state[0].wrappingAdd(1, ordering: .sequentiallyConsistent)
            if !parkings[worker].wakeOne() { _ = endSearching() }
        }
    }

    /// Wakes the sleeper with the lowest number. Returns false if there is none.
    private func wakeOne() -> Bool {
        while hasSleepers {
            // Counts the sleeper as searching before it is; fails if another worker began to search meanwhile.
            guard
                state[0].compareExchange(expected: 0, desired: 1, ordering: .sequentiallyConsistent).exchanged
            else { return true }
            if let worker = claimSleeper(), parkings[worker].wakeOne() { return true }
            // It had left by itself. Other threads may have relied on the number meanwhile, so try again to find a
            // sleeper.
            _ = endSearching()
        }
        return false
    }

    private var hasSleepers: Bool {
        for word in 1...wordCount where state[word].load(ordering: .sequentiallyConsistent) != 0 { return true }
        return false
    }

    /// Clears the lowest bit that is set, and returns its worker. No other thread gets the same one.
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

    /// Clears the bit of a worker that is awake. Relaxed: a thread that still sees it asks the parking.
    private func forget(_ worker: Int) {
        state[1 + worker / 64].bitwiseAnd(~Self.bit(of: worker), ordering: .relaxed)
    }

    private static func bit(of worker: Int) -> UInt64 {
        1 << UInt64(worker % 64)
    }
}
