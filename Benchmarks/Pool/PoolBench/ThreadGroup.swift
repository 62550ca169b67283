import Glibc

/// Threads that run the same body, each with its number.
final class ThreadGroup {
    private var threads: [pthread_t] = []

    private final class Start {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    init(count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        for number in 0..<count {
            var thread = pthread_t()
            let start = Unmanaged.passRetained(Start { body(number) })
            let result = pthread_create(
                &thread, nil,
                { start in
                    Unmanaged<Start>.fromOpaque(start!).takeRetainedValue().body()
                    return nil
                }, start.toOpaque())
            precondition(result == 0, "no thread")
            threads.append(thread)
        }
    }

    /// Waits for the end of all.
    func join() {
        for thread in threads { pthread_join(thread, nil) }
    }
}
