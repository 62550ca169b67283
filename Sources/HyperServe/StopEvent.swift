import CPlatform
import Glibc

/// An eventfd that one thread waits for, and that a signal handler or another thread may add to.
struct StopEvent: ~Copyable, Sendable {
    let descriptor: Int32

    init() {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC))
        precondition(descriptor >= 0, "no descriptor is left for an eventfd")
    }

    deinit { _ = close(descriptor) }

    /// Lets `wait` return, now or when it is next called.
    func signal() {
        var one: UInt64 = 1
        // Fails only when the counter is full, which is a signal already.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Blocks until it is signalled.
    func wait() {
        var count: UInt64 = 0
        while unsafe read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }
}
