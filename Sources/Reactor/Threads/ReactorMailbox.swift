package import Platform
import Synchronization

/// A reactor's interface to other threads, which send it messages and jobs, ask it to stop, and read its statistics.
package final class ReactorMailbox: Sendable {
    let executor: ReactorExecutor
    /// What the tasks of its handlers are isolated to.
    let actor: ReactorActor
    /// Unsent bytes from which on a handler that does not run inline waits for its client.
    let outputHighWaterByteCount: Int
    /// Returns the address of a descriptor's peer.
    let peerAddress: @Sendable (_ descriptor: Int32) -> SocketAddress?
    private let waker: ReactorWaker
    /// Messages of handlers on other threads, in the order in which they were sent.
    let messages = MPSCQueue<HandlerMessage>()
    /// The reactor's counters, which only its own thread writes.
    let counts: Counters<ReactorCount>.Writer
    private let counters: Counters<ReactorCount>
    private let index: Int
    private let retired = Atomic<Bool>(false)
    /// Set once the reactor has read all messages whose senders may wait for it.
    private let isAbandoned = Atomic<Bool>(false)
    /// When a stopping reactor closes its remaining connections, in monotonic nanoseconds; `Int64.max` if it was not
    /// asked to stop.
    private let stop = Atomic<Int64>(.max)

    package init(
        outputHighWaterByteCount: Int = 64 * 1024,
        counters: Counters<ReactorCount> = Counters(writers: 1), index: Int = 0,
        peerAddress: @escaping @Sendable (_ descriptor: Int32) -> SocketAddress? = { SocketAddress(peerOf: $0) }
    ) throws(SystemError) {
        self.counters = counters
        self.index = index
        counts = counters.makeWriter(index)
        self.peerAddress = peerAddress
        self.outputHighWaterByteCount = outputHighWaterByteCount
        let waker = try ReactorWaker()
        self.waker = waker
        executor = ReactorExecutor { waker.wake() }
        actor = ReactorActor(executor)
    }

    /// The event that wakes a reactor without a ring.
    package var wakeEvent: WakeEvent { waker.event }

    /// Whether the reactor has ended and reads no more messages.
    // The sender's fence orders this load after its message; see `Exchange.send`.
    var isRetired: Bool { retired.load(ordering: .relaxed) }

    /// The reactor's counts. Any thread may read them.
    package var statistics: ReactorStatisticsSnapshot { counters.snapshot(ofReactor: index) }

    /// Asks the reactor to stop and to end by `deadline`. Of several deadlines, the earliest counts. Any thread may
    /// call it.
    package func requestStop(deadline: Int64) {
        // Release: pairs with the acquire in `stopDeadline`, though the deadline itself is all that is passed.
        stop.min(deadline, ordering: .releasing)
        wake()
    }

    /// The deadline of a reactor that was asked to stop; otherwise nil.
    var stopDeadline: Int64? {
        let deadline = stop.load(ordering: .acquiring)
        return deadline == .max ? nil : deadline
    }

    /// Delivers a message, and wakes the reactor unless an earlier message has done so.
    // The sender retains the mailbox through its exchange, whatever the reactor does with the message meanwhile.
    func deliver(_ message: consuming HandlerMessage) {
        if messages.push(message) { wake() }
    }

    /// Marks the reactor as ended, and ends the exchanges whose messages it has not read.
    func retire() {
        retired.store(true, ordering: .relaxed)
        // Pairs with the fence in `Exchange.send`.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = messages.takeBatch { $0.exchange.end(.disconnected, status: Exchange.NoResponse.serverClosed) }
        // From here on, every sender of a message has seen that the reactor is retired, and ends its exchange itself.
        isAbandoned.store(true, ordering: .relaxed)
        // Pairs with the fence in `dropMessages`: either this sees a message, or its sender drops it.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = messages.takeBatch { $0.exchange.end(.disconnected, status: Exchange.NoResponse.serverClosed) }
        executor.retire()
    }

    /// Drops messages sent after the reactor's end, which would form a retain cycle with the mailbox. Called by any
    /// thread that has sent one since.
    func dropMessages() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isAbandoned.load(ordering: .relaxed) else { return }
        _ = messages.takeBatch { _ in }
    }

    /// Wakes the reactor through its ring from now on, if it has one, which saves it from reading the eventfd.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        if descriptor >= 0 { waker.preferRing(descriptor, userData: userData) }
    }

    /// Stops waking the reactor through its ring. Once this has returned, no thread posts to the ring, so it may be
    /// closed.
    func forgetRing() { waker.forgetRing() }

    /// Wakes the reactor. Any thread may call it.
    package func wake() { waker.wake() }
}
