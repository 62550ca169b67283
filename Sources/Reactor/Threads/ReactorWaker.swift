import CHyperURing
import Glibc
import Platform
import Synchronization

/// Wakes a reactor from any thread.
final class ReactorWaker: Sendable {
    /// Wakes the reactor if it has no ring.
    let event: WakeEvent
    /// The ring to wake the reactor through plus 1, or 0 to use the event, times `ringUnit`; and the number of
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
        event = try WakeEvent()
    }

    /// Wakes the reactor through its ring from now on, if it has one: that spares it reading the event's counter. By
    /// the reactor's thread.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        self.userData.store(userData, ordering: .relaxed)
        // Release: pairs with the acquire in `postToRing`, which then sees what to post.
        ringAndPosters.add(UInt64(UInt32(bitPattern: descriptor + 1)) * Self.ringUnit, ordering: .releasing)
    }

    /// Wakes the reactor through the event from now on. When this returns, no thread posts to the ring any more: it
    /// may be closed, and another ring, of whomever, may get its descriptor.
    func forgetRing() {
        ringAndPosters.bitwiseAnd(Self.ringUnit - 1, ordering: .relaxed)
        // Acquire: pairs with the release in `postToRing`, so that the posts come before what follows. Those who come
        // now find no ring, and leave at once.
        while ringAndPosters.load(ordering: .acquiring) != 0 { sched_yield() }
    }

    /// Wakes the reactor; any thread.
    func wake() {
        // Relaxed: nothing is read because of it. A ring that it misses was set during this call.
        if ringAndPosters.load(ordering: .relaxed) >= Self.ringUnit, postToRing() { return }
        event.signal()
    }

    private func postToRing() -> Bool {
        // Counted first, so that `forgetRing` either waits for this or has taken the ring out before. Acquire: pairs
        // with the release in `preferRing`. The release of the subtraction pairs with the acquire in `forgetRing`.
        let before = ringAndPosters.add(1, ordering: .acquiring).oldValue
        defer { ringAndPosters.subtract(1, ordering: .releasing) }
        guard before >= Self.ringUnit else { return false }
        let ring = Int32(bitPattern: UInt32(before / Self.ringUnit)) - 1
        if post(ring, userData.load(ordering: .relaxed)) == 0 { return true }
        // Older than 6.13: not tried again.
        ringAndPosters.bitwiseAnd(Self.ringUnit - 1, ordering: .relaxed)
        return false
    }
}
