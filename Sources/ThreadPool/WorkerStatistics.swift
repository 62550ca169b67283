import CLockFree

/// What workers count, each on cache lines of its own: a load and a store a time.
@safe
final class WorkerStatistics: @unchecked Sendable {
    // `@unchecked Sendable`: the C counters are made for one writer a worker and any number of readers.

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

    private let counts: OpaquePointer
    /// By bucket of `WaitTimeHistogram`.
    private let waits: OpaquePointer

    init(workers: Int) {
        unsafe counts = hs_counters_create(workers, Kind.allCases.count).orOutOfMemory()
        unsafe waits = hs_counters_create(workers, WaitTimeHistogram.bucketCount).orOutOfMemory()
    }

    deinit {
        unsafe hs_counters_destroy(counts)
        unsafe hs_counters_destroy(waits)
    }

    /// Counts one. Only on the thread that has `worker`.
    @inline(__always) func count(_ kind: Kind, by worker: Worker) {
        unsafe hs_counters_add(counts, worker.index, kind.rawValue, 1)
    }

    /// Counts a wait. Only on the thread that has `worker`.
    func countWait(nanoseconds: UInt64, by worker: Worker) {
        unsafe hs_counters_add(waits, worker.index, WaitTimeHistogram.bucket(of: nanoseconds), 1)
    }

    func sum(_ kind: Kind) -> UInt64 {
        unsafe hs_counters_sum(counts, kind.rawValue)
    }

    var waitTimes: WaitTimeHistogram {
        WaitTimeHistogram(counts: (0..<WaitTimeHistogram.bucketCount).map { unsafe hs_counters_sum(waits, $0) })
    }
}
