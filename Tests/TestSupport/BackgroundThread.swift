import Glibc

/// Runs `body`, which may block, on a thread of its own: the threads of Swift's pool are few, and a test that blocks
/// one of them can keep the server's timers from firing.
package func onOwnThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        inBackground { continuation.resume(with: Result(catching: body)) }.detach()
    }
}

/// Runs `body` on a thread of its own, which is to be waited for, or detached, once.
package func inBackground(_ body: @escaping @Sendable () -> Void) -> BackgroundThread {
    BackgroundThread(body)
}

package struct BackgroundThread: Sendable {
    private let thread: pthread_t

    fileprivate init(_ body: @escaping @Sendable () -> Void) {
        let work = unsafe Unmanaged.passRetained(Work(body))
        var thread = pthread_t()
        // The thread takes over the reference that is retained here.
        let status = unsafe pthread_create(
            &thread, nil,
            { argument in
                unsafe Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        precondition(status == 0, "no thread for a test")
        self.thread = thread
    }

    package func wait() { _ = pthread_join(thread, nil) }

    package func detach() { pthread_detach(thread) }
}

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
