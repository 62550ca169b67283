import CHyperURing
import CPlatform
import Glibc
import Synchronization

/// Wakes a reactor from any thread.
final class Bell: Sendable {
    /// An eventfd: adding to it wakes the reactor.
    let descriptor: Int32
    /// The ring to wake the reactor through plus 1, or 0 to use the eventfd, times `ringUnit`; and the number of
    /// threads that may be posting to that ring. In one word, so that whoever takes the ring out knows of all of them.
    private let ringAndPosters = Atomic<UInt64>(0)
    /// What to post there.
    private let userData = Atomic<UInt64>(0)
    /// Posts to a ring. Returns 0, or the errno of the failure.
    private let post: @Sendable (_ ring: Int32, _ userData: UInt64) -> Int32

    private static let ringUnit: UInt64 = 1 << 32

    init(
        post: @escaping @Sendable (_ ring: Int32, _ userData: UInt64) -> Int32 = { hs_uring_post($0, $1) }
    ) throws(SystemError) {
        self.post = post
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
    }

    deinit { _ = close(descriptor) }

    /// Wakes the reactor through its ring from now on, if it has one: that spares it reading the eventfd. By the
    /// reactor's thread.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        self.userData.store(userData, ordering: .relaxed)
        // Release: pairs with the acquire in `postToRing`, which then sees what to post.
        ringAndPosters.add(UInt64(UInt32(bitPattern: descriptor + 1)) * Bell.ringUnit, ordering: .releasing)
    }

    /// Wakes the reactor through the eventfd from now on. When this returns, no thread posts to the ring any more: it
    /// may be closed, and another ring, of whomever, may get its descriptor.
    func forgetRing() {
        ringAndPosters.bitwiseAnd(Bell.ringUnit - 1, ordering: .relaxed)
        // Acquire: pairs with the release in `postToRing`, so that the posts come before what follows. Those who come
        // now find no ring, and leave at once.
        while ringAndPosters.load(ordering: .acquiring) != 0 { sched_yield() }
    }

    /// Wakes the reactor; any thread.
    func ring() {
        // Relaxed: nothing is read because of it. A ring that it misses was set while this rang.
        if ringAndPosters.load(ordering: .relaxed) >= Bell.ringUnit, postToRing() { return }
        var one: UInt64 = 1
        // It fails only when the counter is full, and then the reactor is being woken already.
        _ = unsafe write(descriptor, &one, 8)
    }

    private func postToRing() -> Bool {
        // Counted first, so that `forgetRing` either waits for this or has taken the ring out before. Acquire: pairs
        // with the release in `preferRing`. The release of the subtraction pairs with the acquire in `forgetRing`.
        let before = ringAndPosters.add(1, ordering: .acquiring).oldValue
        defer { ringAndPosters.subtract(1, ordering: .releasing) }
        guard before >= Bell.ringUnit else { return false }
        let ring = Int32(bitPattern: UInt32(before / Bell.ringUnit)) - 1
        if post(ring, userData.load(ordering: .relaxed)) == 0 { return true }
        // Older than 6.13: not tried again.
        ringAndPosters.bitwiseAnd(Bell.ringUnit - 1, ordering: .relaxed)
        return false
    }
}
