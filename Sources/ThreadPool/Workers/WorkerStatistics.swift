import Platform

/// What workers count, each on cache lines of its own: a load and a store a time.
final class WorkerStatistics: Sendable {
    /// What is counted.
    enum Kind: Int, CaseIterable {
        /// Jobs that ran to their end, and those of them that threw.
        case completed, failed
        /// Jobs taken from the shared queue, and jobs taken from a deque by its owner or by a thief.
        case takenShared, takenForked
        /// Those of the latter that a thief took.
        case stolen
        /// How often a worker went to sleep.
        case parked
    }

    private let counts: Counters
    /// By bucket of `WaitTimeHistogram`.
    private let waits: Counters

    init(workers: Int) {
        counts = Counters(writers: workers, kinds: Kind.allCases.count)
        waits = Counters(writers: workers, kinds: WaitTimeHistogram.bucketCount)
    }

    /// Counts one. Whoever has `worker` is its thread.
    @inline(__always) func count(_ kind: Kind, by worker: Worker) {
        counts.add(1, to: kind.rawValue, by: worker.index)
    }

    /// Counts a wait.
    func countWait(nanoseconds: UInt64, by worker: Worker) {
        waits.add(1, to: WaitTimeHistogram.bucket(of: nanoseconds), by: worker.index)
    }

    func sum(_ kind: Kind) -> UInt64 {
        counts.sum(of: kind.rawValue)
    }

    var waitTimes: WaitTimeHistogram {
        WaitTimeHistogram(counts: (0..<WaitTimeHistogram.bucketCount).map { waits.sum(of: $0) })
    }
}
