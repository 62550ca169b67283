import CHyperURing
import Glibc
import Platform
import Synchronization

/// Wakes a reactor from any thread.
final class ReactorWaker: Sendable {
    /// The event that wakes a reactor without a ring.
    let event: WakeEvent
    /// The ring's descriptor plus 1, or 0 to use the event, times `ringUnit`, plus the number of threads that may be
    /// posting to the ring. In one word, so that the thread that removes the ring knows all posting threads.
    private let ringAndPosters = Atomic<UInt64>(0)
    /// The user data to post to the ring.
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

    /// Wakes the reactor through its ring from now on, if it has one, which saves it from reading the event's counter.
    /// Called by the reactor's thread.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        self.userData.store(userData, ordering: .relaxed)
        // Release: pairs with the acquire in `postToRing`, which then sees what to post.
        ringAndPosters.add(UInt64(UInt32(bitPattern: descriptor + 1)) * Self.ringUnit, ordering: .releasing)
    }

    /// Wakes the reactor through the event from now on. When this returns, no thread posts to the ring any more: it may
    /// be closed, and its descriptor may be reused.
    func forgetRing() {
        ringAndPosters.bitwiseAnd(Self.ringUnit - 1, ordering: .relaxed)
        // Acquire: pairs with the release in `postToRing`, so that the posts happen before what follows. Later threads
        // find no ring and don't post.
        while ringAndPosters.load(ordering: .acquiring) != 0 { sched_yield() }
    }

    /// Wakes the reactor. Any thread may call it.
    func wake() {
        // Relaxed: no other memory is read because of it. A ring that it doesn't see was set during this call.
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
        // The kernel is older than 6.13: not tried again.
        ringAndPosters.bitwiseAnd(Self.ringUnit - 1, ordering: .relaxed)
        return false
    }
}
