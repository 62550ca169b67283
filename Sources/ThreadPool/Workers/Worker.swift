import Platform

/// What is counted by each worker, and by the threads that grow a pool and shut it down.
enum PoolCount: Int, CaseIterable {
    /// Jobs that ran to their end, and those of them that threw.
    case completed, failed
    /// Jobs taken from the shared queue, and jobs taken from a deque by its owner or by a thief.
    case takenShared, takenForked
    /// Those of the latter that a thief took.
    case stolen
    /// How often a worker went to sleep.
    case parked
    /// Threads added because jobs waited, and threads ended because they were idle.
    case grown, retired
    /// Jobs that were discarded by the shutdown.
    case discarded
}

/// What the thread that works at a slot has for itself: the owner's end of its deque, and what its loop remembers from
/// turn to turn. Not `Sendable`: a thread gets it from `WorkerSlot.lendWorker`, and nobody else has it meanwhile.
final class Worker {
    /// From 0 up; also its number in `Standby` and its row in the counters.
    let index: Int
    /// The jobs that its jobs fork: newest first for it, oldest first for thieves. Empty whenever no thread has the
    /// worker, unless `shutdown` is about to empty it.
    let deque: DequeOwner
    /// What it counts; waits only for the jobs that are measured.
    let counts: Counters<PoolCount>.Writer
    let waits: Counters<WaitTimeHistogram.Bucket>.Writer
    /// Whose worker this is.
    private(set) var scheduler: ObjectIdentifier?
    /// Whose deques to look into, those on the same NUMA node first.
    private(set) var victims = Victims()
    /// How often the loop has asked for a job.
    var turn: UInt64 = 0
    /// How many jobs in a row have come from its own deque.
    var ownJobsInARow = 0
    /// Whether jobs have lately come so soon after one another that it pays to spin for the next one.
    var isSpinningWorthwhile = true
    /// The state of a xorshift generator; never 0.
    private var random: UInt64

    /// `dequeCapacity` is a power of two.
    init(index: Int, dequeCapacity: Int, counters: PoolCounters) {
        self.index = index
        counts = counters.counts.makeWriter(index)
        waits = counters.waits.makeWriter(index)
        deque = DequeOwner(capacity: dequeCapacity)
        random = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
    }

    /// Makes the others known, before any thread has this worker.
    func introduce(to scheduler: Scheduler, near: [WorkerSlot], far: [WorkerSlot]) {
        self.scheduler = ObjectIdentifier(scheduler)
        victims = Victims(near: near, far: far)
    }

    /// A number from 0 to `limit - 1`, which must not be empty.
    func nextRandom(below limit: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        // The upper half of a product: no division, and as even as it needs to be.
        return Int(random.multipliedFullWidth(by: UInt64(limit)).high)
    }
}
