import Glibc
import Synchronization

/// Holds jobs back until it is opened.
final class Latch: Sendable {
    private let isOpen = Atomic<Bool>(false)
    private let arrived = Atomic<Int>(0)

    /// How many threads have come to wait.
    var waiters: Int { arrived.load(ordering: .acquiring) }

    func wait() {
        arrived.wrappingAdd(1, ordering: .releasing)
        while !isOpen.load(ordering: .acquiring) { usleep(200) }
    }

    func open() {
        isOpen.store(true, ordering: .releasing)
    }
}
