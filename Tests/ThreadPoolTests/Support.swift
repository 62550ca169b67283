import Glibc
import Synchronization
import TestSupport

/// The amount of work. HYPERSERVE_STRESS=long is the proof; without it, the tests take a few seconds.
enum Stress {
    static let isLong: Bool = {
        // The environment is not changed while tests run, and the text is compared at once.
        guard let value = unsafe getenv("HYPERSERVE_STRESS") else { return false }
        return unsafe strcmp(value, "long") == 0
    }()
}

/// Threads of a test, which submit jobs.
enum Threads {
    /// Runs `body` on `count` threads at once, each with its number, and waits for all of them.
    static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let threads = (0..<count).map { number in inBackground { body(number) } }
        for thread in threads { thread.wait() }
    }
}

/// Whether a condition becomes true within half a minute: long enough for the slowest machine, and a test that passes
/// waits no longer than necessary.
func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<30_000 {
        if condition() { return true }
        usleep(1_000)
    }
    return condition()
}

/// A counter for jobs.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .acquiring) }

    func increment() {
        count.wrappingAdd(1, ordering: .acquiringAndReleasing)
    }
}

/// Holds jobs back until it is opened.
final class Latch: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let arrived = Atomic<Int>(0)

    /// The number of threads that have started to wait.
    var waiters: Int { arrived.load(ordering: .acquiring) }

    func wait() {
        arrived.wrappingAdd(1, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { usleep(200) }
    }

    func open() {
        isOpen.store(true, ordering: .releasing)
    }
}
