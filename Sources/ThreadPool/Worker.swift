import CLockFree
import Synchronization

/// One worker: a deque for the jobs that its jobs fork, and what its loop remembers from turn to turn.
///
/// Workers are there as long as the pool; threads take them up and leave them, so that thieves need no lock to find
/// the deques. At most one thread has a worker at a time.
@safe
final class Worker: @unchecked Sendable {
    // `@unchecked Sendable`: other threads use only what is constant after `init` and `introduce`, the deque, which is
    // made for thieves, and `isTaken`. Variables are handed from one thread to the next by `isTaken`.

    /// A processor and the node that it belongs to.
    struct Place {
        let node: Int
        let processor: Int
    }

    /// From 0 up; also its place in `Standby` and in the counters.
    let index: Int
    /// Where its thread is bound to, if it is.
    let place: Place?
    /// Newest first for the owner, oldest first for thieves.
    let deque: OpaquePointer
    /// Whether a thread has this worker. Set with acquiring, cleared with releasing: one thread's last use of the
    /// deque comes before the next one's first.
    let isTaken = Atomic<Bool>(false)
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
    init(index: Int, place: Place?, dequeCapacity: Int) {
        self.index = index
        self.place = place
        random = UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        unsafe deque = hs_deque_create(dequeCapacity).orOutOfMemory()
    }

    deinit {
        // Empty: a worker is left only when it is, or when `shutdown` empties it.
        unsafe hs_deque_destroy(deque, nil)
    }

    /// Makes the others known, before any thread has this worker.
    func introduce(to scheduler: Scheduler, near: [Worker], far: [Worker]) {
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
