import Glibc

/// Threads of the test's own, which submit.
enum Threads {
    private final class Start {
        let body: @Sendable () -> Void

        init(_ body: @escaping @Sendable () -> Void) {
            self.body = body
        }
    }

    /// Runs `body` on so many threads at once, each with its number, and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in
            var thread = pthread_t()
            let start = unsafe Unmanaged.passRetained(Start { body(number) }).toOpaque()
            // The thread takes the reference over.
            let result = unsafe pthread_create(
                &thread, nil,
                { start in
                    guard let start = unsafe start else { return nil }
                    unsafe Unmanaged<Start>.fromOpaque(start).takeRetainedValue().body()
                    return nil
                }, start)
            precondition(result == 0, "no thread for a test")
            return thread
        }
        for thread in threads { pthread_join(thread, nil) }
    }
}
