import Platform
import Synchronization

/// Runs `body`, which may block, on a thread of its own: the threads of Swift's pool are few, and a test that blocks
/// one of them can keep the server's timers from firing.
package func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        _ = inBackground { continuation.resume(with: Result(catching: body)) }
    }
}

/// Runs `body` on a thread of its own.
package func inBackground(_ body: @escaping @Sendable () -> Void) -> BackgroundThread {
    BackgroundThread(body)
}

/// A thread that can be joined.
package final class BackgroundThread: Sendable {
    private let thread: Mutex<Thread?>

    fileprivate init(_ body: @escaping @Sendable () -> Void) {
        do {
            thread = Mutex(try Thread(named: "hs-test", body))
        } catch {
            preconditionFailure("no thread for a test: \(error)")
        }
    }

    /// Waits for the end of the thread, unless it was joined already.
    package func wait() { thread.withLock { $0.take() }?.join() }
}
