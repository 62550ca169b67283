import Glibc
package import HTTPCore

/// The state of one socket: unconsumed input, pending output, how each direction ends, its share of the reactor's
/// turns, and its deadline.
///
/// A transport does not interpret the bytes and does no I/O: events go in, and `nextAction` returns what to do. A test
/// can therefore drive it byte by byte.
@safe
package struct Transport: ~Copyable {
    /// The stages of a connection.
    enum Phase: Equatable {
        /// Received bytes go to the protocol.
        case open
        /// The output is sent, then the connection ends. Received bytes are dropped. With `lingers`, the peer may still
        /// be sending, so closing the socket at once could lose the last response.
        case finishing(lingers: Bool)
        /// FIN was sent. Received bytes are dropped while the peer reads the last response (RFC 9112 section 9.6).
        case lingering
        /// Nothing more is sent or received, but the kernel may still hold operations. With `isShutDown`, both
        /// directions were shut down, so that a receive under way ends by itself.
        case closed(isShutDown: Bool)
    }

    /// The state of the receive operation.
    enum Receiving: Equatable {
        /// No receive is under way, and the peer may send more.
        case paused
        /// A receive waits in the reactor's queue of bulk operations. The kernel has none.
        case queued
        /// A receive is under way. With `once`, it ends by itself after one buffer.
        case active(once: Bool)
        /// The kernel was asked to end the receive.
        case stopping(once: Bool)
        /// No further receive begins: the peer has sent FIN.
        case ended
    }

    /// The state of the send operation.
    enum Sending {
        case idle
        /// A send waits in the reactor's queue of bulk operations. The kernel has none.
        case queued
        case active
        /// A send is under way, and nothing depends on when it completes.
        case quiet
    }

    /// An action that the reactor performs for a connection.
    enum Action: Equatable {
        /// Send `unacknowledged` from its start. Unless `isAwaited`, nothing depends on when it completes.
        case send(isAwaited: Bool)
        /// Learn when the quiet send under way completes, since something depends on it now.
        case awaitSend
        /// Send `unacknowledged`, after which FIN or more bytes follow: the last packet may wait for them.
        case sendMore
        case startReceiving
        /// Receive one buffer only.
        case receiveOnce
        /// Queue a receive of one buffer only, which follows those of the other connections; see `beginQueuedReceive`.
        case receiveBulk
        case stopReceiving
        /// Send FIN and continue to receive.
        case shutdownWriting
        /// Shut down both directions, which ends a pending receive.
        case shutdown
        /// Close the socket and free the slot: no operation is pending.
        case close
    }

    /// The protocol's state, as far as it decides what to send and receive.
    struct Demand {
        /// Whether the protocol waits for the first byte of a request.
        var isAtRest: Bool
        /// Whether the protocol accepts no more bytes for now.
        var isFull: Bool
        /// Whether the first request has not begun yet.
        var isFresh: Bool
    }

    let descriptor: Int32
    let token: Token
    /// The peer's address. A reactor closes connections without one; it is nil only in tests of a single connection.
    package let peer: SocketAddress?

    var phase = Phase.open
    var receiving = Receiving.paused
    var sending = Sending.idle
    /// Bytes received and not consumed.
    var input = ByteBuffer()
    /// Bytes to send that the kernel does not have yet.
    package var output = OutputQueue()
    /// The bytes being sent. They must not change before the send completes.
    var unacknowledged = OutputSegment()
    /// Bytes dropped since the last response.
    var droppedByteCount = 0
    var share = TurnShare()
    var patience = Patience()

    init(descriptor: Int32, token: Token, peer: SocketAddress?) {
        self.descriptor = descriptor
        self.token = token
        self.peer = peer
    }

    package var isOpen: Bool { if case .open = phase { true } else { false } }
    var isFinishing: Bool { if case .finishing = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Whether there are bytes whose sending is still awaited.
    var isSendingOutput: Bool {
        switch sending {
        case .queued, .active: true
        case .idle, .quiet: !output.isEmpty
        }
    }

    var isSending: Bool { if case .idle = sending { false } else { true } }

    /// Whether a receive is with the kernel.
    var isReceiving: Bool {
        switch receiving {
        case .active, .stopping: true
        case .paused, .queued, .ended: false
        }
    }

    /// Whether the peer has sent its last byte.
    package var isPeerFinished: Bool { if case .ended = receiving { true } else { false } }

    /// Bytes that the kernel has not taken yet.
    package var unsentByteCount: Int { output.byteCount + unacknowledged.count }

    /// Bytes of memory that go with the connection.
    var heldByteCount: Int { input.capacity + output.heldByteCount + unacknowledged.heldByteCount }
}

// MARK: - The end

extension Transport {
    /// Sends the output, then ends the connection. With `lingers`, bytes that the peer still sends are read for a
    /// while; otherwise the kernel would send a reset, which can destroy the last response before the peer has read it
    /// (RFC 9112 section 9.6).
    package mutating func finish(lingers: Bool) {
        guard isOpen else { return }
        phase = .finishing(lingers: lingers)
    }

    /// Ends the connection at once: it is broken, or its time is over.
    package mutating func fail() {
        guard !isClosed else { return }
        phase = .closed(isShutDown: false)
    }

    /// Drops received bytes.
    mutating func drop(_ byteCount: Int, _ context: inout ReactorContext) {
        switch phase {
        case .finishing:
            // The peer may still be sending. Closing the socket then would reset it and lose the response.
            phase = .finishing(lingers: true)
        case .lingering:
            droppedByteCount += byteCount
            if droppedByteCount > context.configuration.buffers.maximumDiscardedByteCount { fail() }
        case .open, .closed:
            break
        }
    }
}

// MARK: - Events

extension Transport {
    /// Removes the first `byteCount` bytes of the input.
    mutating func consumeInput(_ byteCount: Int, _ context: inout ReactorContext) {
        input.removeFirst(byteCount)
        guard input.isEmpty else { return }
        context.freedByteCount += input.capacity
        input = ByteBuffer()
    }

    /// Moves the segments of `bytes` to the end of the output.
    mutating func take(_ bytes: inout OutputQueue) {
        output.append(draining: &bytes)
    }

    /// Lends the output a buffer, unless it has one.
    mutating func borrowOutput(_ context: inout ReactorContext) {
        if output.last.capacity == 0 { context.buffers.lend(to: &output.last) }
    }

    /// Handles the end of a receive: the peer sent FIN (`failure` 0), the kernel ended it, or the connection broke.
    mutating func receiveEnded(failure: Int32, _ context: inout ReactorContext) {
        let wasOnce = receiving == .active(once: true) || receiving == .stopping(once: true)
        receiving = .paused
        guard failure != 0 else {
            receiving = .ended
            if phase == .lingering { fail() }
            return
        }
        switch ReceiveFailure(failure) {
        case .passing:
            // `nextAction` starts another receive when there is room.
            if failure == EAGAIN, wasOnce { share.countFloodReceive(&context) }
        case .broken:
            fail()
        }
    }

    /// The outcome of a send.
    enum SendProgress {
        case failed
        /// Some bytes were sent; the rest has to be sent.
        case partial(Int)
        case complete(Int)
    }

    /// Handles the end of a send of `unacknowledged`. `result` is the number of bytes sent, or a negated errno.
    @inline(__always)
    mutating func sent(_ result: Int) -> SendProgress {
        var count = result
        if result < 0 {
            guard SendFailure(Int32(clamping: -result)) == .passing else {
                sending = .idle
                fail()
                return .failed
            }
            count = 0
        }
        unacknowledged.removeFirst(min(count, unacknowledged.count))
        patience.transferred += count
        // After a short send, the rest is sent before anything newer.
        guard unacknowledged.isEmpty || isClosed else {
            sending = .active
            return .partial(count)
        }
        sending = .idle
        return .complete(count)
    }
}
