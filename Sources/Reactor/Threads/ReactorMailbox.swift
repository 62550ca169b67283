package import Platform
import Synchronization

/// What other threads may do to a reactor: bring answers and jobs, ask it to stop, and read its statistics.
package final class ReactorMailbox: Sendable {
    let executor: ReactorExecutor
    /// Bytes that a handler elsewhere may be ahead of its client.
    let outputHighWaterByteCount: Int
    /// Whom a descriptor is connected with.
    let peerAddress: @Sendable (_ descriptor: Int32) -> SocketAddress?
    private let waker: ReactorWaker
    /// What handlers elsewhere have to say, in the order in which it came.
    let answers = MPSCQueue<HandlerMessage>()
    let statistics = ReactorStatistics()
    private let retired = Atomic<Bool>(false)
    /// Set once the reactor has seen all messages whose senders may wait for it.
    private let isAbandoned = Atomic<Bool>(false)
    /// When a stopping reactor closes what is left, in monotonic nanoseconds; 0 while it is not to stop.
    private let stop = Atomic<Int64>(0)

    package init(
        outputHighWaterByteCount: Int = 64 * 1024,
        peerAddress: @escaping @Sendable (_ descriptor: Int32) -> SocketAddress? = { SocketAddress(peerOf: $0) }
    ) throws(SystemError) {
        self.peerAddress = peerAddress
        self.outputHighWaterByteCount = outputHighWaterByteCount
        let waker = try ReactorWaker()
        self.waker = waker
        executor = ReactorExecutor { waker.wake() }
    }

    /// Wakes the reactor, unless it is woken through its ring.
    package var wakeEvent: WakeEvent { waker.event }

    /// Whether the reactor is gone, and reads no message any more.
    // The sender's fence orders this load after its message; see `Exchange.send`.
    var isRetired: Bool { retired.load(ordering: .relaxed) }

    /// Asks the reactor to stop and to be done at `deadline`. Any thread.
    package func requestStop(deadline: Int64) {
        // Release: pairs with the acquire in `stopDeadline`, though the deadline itself is all that is passed.
        stop.store(deadline, ordering: .releasing)
        wake()
    }

    /// When to be done, if the reactor was asked to stop.
    var stopDeadline: Int64? {
        let deadline = stop.load(ordering: .acquiring)
        return deadline == 0 ? nil : deadline
    }

    /// Brings an answer, and wakes the reactor if no other answer has done that yet.
    func deliver(_ answer: consuming HandlerMessage) {
        if answers.push(answer) { wake() }
    }

    /// The reactor is gone: ends the exchanges whose messages it has not read.
    func retire() {
        retired.store(true, ordering: .relaxed)
        // Pairs with the fence in `Exchange.send`.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = answers.takeBatch { $0.exchange.end(.disconnected) }
        // From here on every message is from a sender that has seen the end, and ends its exchange itself.
        isAbandoned.store(true, ordering: .relaxed)
        // Pairs with the fence in `dropMessages`: either this sees a message, or its sender drops it.
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        _ = answers.takeBatch { $0.exchange.end(.disconnected) }
        executor.retire()
    }

    /// Drops what was sent after the reactor's end, which would keep the sender and this alive through each other. Any
    /// thread that has sent something since.
    func dropMessages() {
        atomicMemoryFence(ordering: .sequentiallyConsistent)
        guard isAbandoned.load(ordering: .relaxed) else { return }
        _ = answers.takeBatch { _ in }
    }

    /// Wakes the reactor through its ring from now on, if it has one: that spares it reading the eventfd.
    func preferRing(_ descriptor: Int32, userData: UInt64) {
        if descriptor >= 0 { waker.preferRing(descriptor, userData: userData) }
    }

    /// No thread wakes the reactor through its ring any more, once this has returned: the ring may be closed.
    func forgetRing() { waker.forgetRing() }

    /// Wakes the reactor; any thread.
    package func wake() { waker.wake() }
}
