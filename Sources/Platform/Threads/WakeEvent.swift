import CPlatform
import Glibc

/// An eventfd, with which any thread wakes one that waits for descriptors.
package final class WakeEvent: Sendable {
    /// Readable from the signal until the count is taken. Nonblocking; a read returns 8 bytes.
    package let descriptor: Int32

    /// Creates an event that is not signalled.
    package init() throws(SystemError) {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SystemError("eventfd", code: errno) }
    }

    deinit { _ = close(descriptor) }

    /// Wakes the thread that waits for the descriptor. Any thread.
    package func signal() {
        var one: UInt64 = 1
        // The address is valid for the call. It fails only when the counter is full, and then the waiting thread is
        // being woken already.
        _ = unsafe write(descriptor, &one, 8)
    }

    /// Returns how often the event was signalled since the last call. Never blocks.
    package func take() -> UInt64 {
        var count: UInt64 = 0
        // As many bytes as the counter has.
        return unsafe read(descriptor, &count, 8) == 8 ? count : 0
    }

    /// Blocks until the event is signalled or a signal handler has run.
    package func wait() {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        // The address is valid for the call.
        _ = unsafe poll(&waiting, 1, -1)
    }
}
