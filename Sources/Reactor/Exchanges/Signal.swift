import HTTPCore
import Platform
import ThreadPool

/// Where a handler on a thread of its own waits.
struct Signals {
    /// For the body.
    let body = Signal()
    /// For room to write.
    let room = Signal()
}

/// Where a thread waits for the reactor, and what the reactor passes to it.
final class Signal: @unchecked Sendable {
    // `@unchecked Sendable`: the reactor writes `bytes` and `isComplete` before it signals, the thread reads them
    // after its wait, and the reactor writes again only after the thread has asked again.
    var bytes = ByteBuffer()
    var isComplete = false
    /// Bytes that the thread has written since it last waited for room. The thread's own.
    var writtenByteCount = 0
    private let semaphore = Semaphore()

    /// Lets the thread continue, which may end its request at once.
    // The reactor retains the exchange, and with it this, by its connection or by the message that it handles.
    func signal() { semaphore.signal() }

    /// Waits for a signal. A thread of a pool that has to wait does not count among its pool's threads meanwhile.
    func wait() {
        if !semaphore.tryWait() { ThreadPool.whileWaiting { semaphore.wait() } }
    }
}
