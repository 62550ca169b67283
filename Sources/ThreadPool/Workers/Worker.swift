import Platform

/// The kinds of counts of workers, of the growth monitor and of the shutdown.
enum PoolCount: Int, CaseIterable {
    /// Jobs that were completed, and those of them that threw.
    case completed, failed
    /// Jobs taken from the shared queue, and jobs taken from a deque by its owner or by a thief.
    case takenShared, takenForked
    /// Jobs taken from a deque by a thief.
    case stolen
    /// How often a worker went to sleep.
    case parked
    /// Threads added because jobs waited, and threads ended because they were idle.
    case grown, retired
    /// Jobs that were discarded by the shutdown, and because they had waited for too long.
    case discarded, expired
    /// Workers that a thread took over from one that waited.
    case takenOver
}

/// The state of a worker that only its own thread uses: the owner's end of its deque, and the state of its loop. Not
/// `Sendable`: the thread that holds its `WorkerSlot` uses it, and no other thread meanwhile.
final class Worker {
    /// From 0 up; also its number in `Standby` and its row in the counters.
    let index: Int
    /// The jobs that its own jobs submit: newest first for it, oldest first for thieves. Empty whenever no thread has
    /// the worker, unless `shutdown` is about to empty it.
    let deque: DequeOwner
    /// Its counts, and the waits of the jobs that are measured.
    let counts: Counters<PoolCount>.Writer
    let waits: Counters<WaitTimeHistogram.Bucket>.Writer
    /// The deques to steal from, those on the same NUMA node first.
    private(set) var victims = Victims()
    /// The number of times that the loop has requested a job.
    var turn: UInt64 = 0
    /// The number of jobs in a row from its own deque.
    var ownJobsInARow = 0
    /// Whether the last wait was so short that spinning for the next job is worthwhile.
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

    /// Sets the victims, before any thread has this worker.
    func setVictims(near: [WorkerSlot], far: [WorkerSlot]) {
        victims = Victims(near: near, far: far)
    }

    /// Returns a number from 0 to `limit - 1`; `limit` must be positive.
    func nextRandom(below limit: Int) -> Int {
        random ^= random << 13
        random ^= random >> 7
        random ^= random << 17
        // The upper half of a product: no division, and as even as it needs to be.
        return Int(random.multipliedFullWidth(by: UInt64(limit)).high)
    }
}
