import Platform
import Synchronization

/// The state of a worker that all threads may use: its location, and the thieves' end of its deque.
///
/// Slots exist as long as the pool. Threads take them and leave them, so that thieves need no lock to find the deques.
/// At most one thread has a slot at a time, and with it the worker.
final class WorkerSlot: @unchecked Sendable {
    // `@unchecked Sendable`: constants, atomics and a thief's end, except for `worker`, which only the thread that has
    // the slot may use. It is handed from one thread to the next by `isTaken`.

    /// A processor and the node that it belongs to.
    struct Location {
        let node: Int
        let processor: Int
    }

    /// From 0 up.
    let index: Int
    /// The location that its thread is bound to, if any.
    let location: Location?
    /// For occasional access to its deque; other workers have thieves' ends of their own.
    let thief: DequeThief
    private let worker: Worker
    /// Whether a thread has this slot. Set with acquiring, cleared with releasing: one thread's last use of the worker
    /// comes before the next one's first.
    private let isTaken = Atomic<Bool>(false)

    /// `dequeCapacity` is a power of two.
    init(index: Int, location: Location?, dequeCapacity: Int, counters: PoolCounters) {
        self.index = index
        self.location = location
        worker = Worker(index: index, dequeCapacity: dequeCapacity, counters: counters)
        thief = worker.deque.makeThief()
    }

    /// Sets the victims, before any thread has this slot.
    func setVictims(of scheduler: Scheduler, near: [WorkerSlot], far: [WorkerSlot]) {
        worker.setVictims(of: scheduler, near: near, far: far)
    }

    /// Reserves the slot for a thread that is about to be started, if it is free. Must not be called by two threads at
    /// once.
    func reserve() -> Bool {
        // Acquiring: pairs with the releasing in `lendWorker`.
        guard !isTaken.load(ordering: .acquiring) else { return false }
        // Relaxed: starting the thread makes everything visible.
        isTaken.store(true, ordering: .relaxed)
        return true
    }

    /// Releases the slot because the thread could not be started.
    func cancelReservation() {
        // Relaxed: nothing was done with the worker.
        isTaken.store(false, ordering: .relaxed)
    }

    /// Calls `body` with the worker, and then releases the slot. To be called once, by the thread for which it was
    /// reserved.
    func lendWorker(to body: (Worker) -> Void) {
        body(worker)
        // Releasing: pairs with the acquiring in `reserve`.
        isTaken.store(false, ordering: .releasing)
    }
}
