import TestSupport

/// Threads of the test's own, which submit.
enum Threads {
    /// Runs `body` on so many threads at once, each with its number, and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in inBackground { body(number) } }
        for thread in threads { thread.wait() }
    }
}
