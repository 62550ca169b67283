import Platform
import Synchronization

/// What all threads may know of a worker: where it runs, and the thieves' end of its deque.
///
/// Slots are there as long as the pool; threads take them up and leave them, so that thieves need no lock to find the
/// deques. At most one thread has a slot at a time, and with it the worker.
final class WorkerSlot: @unchecked Sendable {
    // `@unchecked Sendable`: constants, atomics and a thief's end, but for `worker`, which only the thread that has the
    // slot may use. It is handed from one thread to the next by `isTaken`.

    /// A processor and the node that it belongs to.
    struct Place {
        let node: Int
        let processor: Int
    }

    /// From 0 up.
    let index: Int
    /// Where its thread is bound to, if it is.
    let place: Place?
    /// For those who look into its deque only now and then; other workers have thieves' ends of their own.
    let thief: DequeThief
    private let worker: Worker
    /// Whether a thread has this slot. Set with acquiring, cleared with releasing: one thread's last use of the worker
    /// comes before the next one's first.
    private let isTaken = Atomic<Bool>(false)

    /// `dequeCapacity` is a power of two.
    init(index: Int, place: Place?, dequeCapacity: Int, counters: PoolCounters) {
        self.index = index
        self.place = place
        worker = Worker(index: index, dequeCapacity: dequeCapacity, counters: counters)
        thief = worker.deque.makeThief()
    }

    /// Makes the others known, before any thread has this slot.
    func introduce(to scheduler: Scheduler, near: [WorkerSlot], far: [WorkerSlot]) {
        worker.introduce(to: scheduler, near: near, far: far)
    }

    /// Takes the slot for a thread that is to be started, if it is free. Not for two threads at once.
    func reserve() -> Bool {
        // Acquiring: pairs with the releasing in `lendWorker`.
        guard !isTaken.load(ordering: .acquiring) else { return false }
        // Relaxed: starting the thread passes everything on.
        isTaken.store(true, ordering: .relaxed)
        return true
    }

    /// The thread could not be started.
    func cancelReservation() {
        // Relaxed: nothing was done with the worker.
        isTaken.store(false, ordering: .relaxed)
    }

    /// Calls `body` with the worker, and then leaves the slot. Once, by the thread for which it was reserved.
    func lendWorker(to body: (Worker) -> Void) {
        body(worker)
        // Releasing: pairs with the acquiring in `reserve`.
        isTaken.store(false, ordering: .releasing)
    }
}
