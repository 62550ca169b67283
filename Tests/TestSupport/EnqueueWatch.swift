import Glibc
import Platform

/// Shows whether an executor is released while a thread is in its `enqueue`. The executor's own thread takes the job at
/// once, runs it to the end of the task, and releases the executor.
package final class EnqueueWatch: Sendable {
    private struct State {
        weak var executor: AnyObject?
        var thread: UInt = 0
        var isQueued = false
        var wasReleased: Bool?
    }

    private let state = Locked(State())

    package init() {}

    /// Whether the executor was released during `enqueue`; nil if no other thread has called that.
    package var wasReleased: Bool? { state.withLock { $0.wasReleased } }

    /// Whether the executor is released.
    package var isReleased: Bool { state.withLock { $0.executor == nil } }

    /// Watches an executor of the calling thread.
    package func begin(_ executor: AnyObject) {
        state.withLock { state in
            state.executor = executor
            state.thread = Thread.currentNumber
        }
    }

    /// Gives the executor's thread time. To be called in `enqueue` when the job is queued.
    package func pause() {
        let isOther = state.withLock { state in
            guard state.thread != Thread.currentNumber else { return false }
            state.isQueued = true
            return true
        }
        guard isOther else { return }
        for _ in 0..<200 where !isReleased { Thread.sleep(microseconds: 1_000) }
        state.withLock { $0.wasReleased = $0.executor == nil }
    }

    /// Blocks until another thread has queued a job, and is in `pause`.
    package func waitUntilQueued() {
        while !state.withLock({ $0.isQueued }) { Thread.sleep(microseconds: 100) }
    }
}
