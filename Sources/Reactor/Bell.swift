import CHyperURing
import CPlatform
import Glibc
import Synchronization

/// Wakes a reactor from any thread.
final class Bell: Sendable {
    /// An eventfd: adding to it wakes the reactor.
    let descriptor: Int32
    /// The ring to wake the reactor through, or -1 to use the eventfd; and what to post there.
    private let message = Atomic<Int32>(-1)
    private let userData = Atomic<UInt64>(0)

    init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
    }

    deinit { _ = close(descriptor) }

    /// Wakes the reactor through its ring from now on, if it has one: that spares it reading the eventfd.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        self.userData.store(userData, ordering: .relaxed)
        // Release: pairs with the acquire in `ring`, which then sees what to post.
        message.store(descriptor, ordering: .releasing)
    }

    /// Wakes the reactor; any thread.
    func ring() {
        let ring = message.load(ordering: .acquiring)
        if ring >= 0 {
            if hs_uring_post(ring, userData.load(ordering: .relaxed)) == 0 { return }
            // Older than 6.13, or the ring is gone.
            message.store(-1, ordering: .relaxed)
        }
        var one: UInt64 = 1
        // It fails only when the counter is full, and then the reactor is being woken already.
        _ = unsafe write(descriptor, &one, 8)
    }
}
