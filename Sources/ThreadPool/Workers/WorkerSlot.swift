import Platform
import Synchronization

/// The state of a worker that all threads may use: its location, and the thieves' end of its deque.
///
/// Slots exist as long as the pool. Threads take them and leave them, so that thieves need no lock to find the deques.
/// At most one thread holds a slot at a time, and with it the worker. While that thread waits, another may take the
/// slot over.
final class WorkerSlot: @unchecked Sendable {
    // `@unchecked Sendable`: constants, atomics and a thief's end, except for `worker`, which only the thread that
    // holds the slot may use. It is passed from one thread to the next by `state`.

    /// A processor and the node that it belongs to.
    struct Location {
        let node: Int
        let processor: Int
    }

    /// Values of `state`, beside the number of waits. That number makes each wait a different value, so that a thread
    /// whose slot was taken over can't mistake a wait of the next thread for its own.
    private static let free: UInt64 = 0
    private static let held: UInt64 = 1
    private static let waiting: UInt64 = 2
    private static let kinds: UInt64 = 3
    private static let oneWait: UInt64 = 4

    /// From 0 up.
    let index: Int
    /// The location that its thread is bound to, if any.
    let location: Location?
    /// For occasional access to its deque; other workers have thieves' ends of their own.
    let thief: DequeThief
    /// For the thread that holds the slot.
    let worker: Worker
    /// Left with releasing, entered with acquiring: one thread's last use of the worker comes before the next one's
    /// first.
    private let state = Atomic<UInt64>(free)

    /// `dequeCapacity` is a power of two.
    init(index: Int, location: Location?, dequeCapacity: Int, counters: PoolCounters) {
        self.index = index
        self.location = location
        worker = Worker(index: index, dequeCapacity: dequeCapacity, counters: counters)
        thief = worker.deque.makeThief()
    }

    /// Reserves the slot for a thread that is about to be started, if it is free. Must not be called by two threads at
    /// once.
    func reserve() -> Bool {
        // Acquiring: pairs with the releasing in `leave`.
        let before = state.load(ordering: .acquiring)
        guard before & Self.kinds == Self.free else { return false }
        // Relaxed: starting the thread makes everything visible.
        state.store(before | Self.held, ordering: .relaxed)
        return true
    }

    /// Makes the slot free. By the thread that holds it, or that has reserved it for another in vain.
    func leave() {
        // Relaxed: no other thread changes the state of a slot that is held.
        let before = state.load(ordering: .relaxed)
        // Releasing: pairs with the acquiring in `reserve`.
        state.store(before & ~Self.kinds, ordering: .releasing)
    }

    /// Lets another thread take the slot over while the calling thread, which holds it, waits. Returns a value for
    /// `endWaiting`.
    func beginWaiting() -> UInt64 {
        // Relaxed, as in `leave`.
        let wait = (state.load(ordering: .relaxed) & ~Self.kinds) &+ Self.oneWait | Self.waiting
        // Sequentially consistent: before the queues are read, see `Scheduler.handOffIfNeeded`. It also releases, for
        // the acquiring in `takeOver`.
        state.store(wait, ordering: .sequentiallyConsistent)
        return wait
    }

    /// Ends the wait. Returns false if another thread has taken the slot over.
    func endWaiting(_ wait: UInt64) -> Bool {
        // Relaxed: if it succeeds, no other thread has had the worker.
        state.compareExchange(expected: wait, desired: wait & ~Self.kinds | Self.held, ordering: .relaxed).exchanged
    }

    /// Takes the slot over from a thread that waits. Returns false if there is none.
    func takeOver() -> Bool {
        let before = state.load(ordering: .relaxed)
        guard before & Self.kinds == Self.waiting else { return false }
        // Acquiring: pairs with the store in `beginWaiting`.
        return state.compareExchange(
            expected: before, desired: before & ~Self.kinds | Self.held, ordering: .acquiring
        ).exchanged
    }
}
