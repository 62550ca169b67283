import Glibc
package import HTTPCore

/// One socket's state: what was received and not consumed yet, what is being sent, how the two directions end, its
/// share of the reactor's turns, and how long it may wait.
///
/// It does not know what the bytes mean, and it does no I/O: events go in, and `nextAction` says what to do. So a test
/// drives it byte by byte.
@safe
package struct Transport: ~Copyable {
    /// How far the connection is.
    enum Phase: Equatable {
        /// Received bytes go to the protocol.
        case open
        /// The output is sent, then the connection ends. Received bytes are dropped. With `lingers`, closing the socket
        /// at once could lose the last response: the peer may still be sending.
        case finishing(lingers: Bool)
        /// FIN was sent. What arrives is dropped while the peer reads the last response (RFC 9112 section 9.6).
        case lingering
        /// Nothing is sent or received any more; operations may still be with the kernel. With `isShutDown`, both
        /// directions were ended, so that a receive under way ends by itself.
        case closed(isShutDown: Bool)
    }

    /// The receive that is with the kernel, if there is one.
    enum Receiving: Equatable {
        /// None, and the peer may send more.
        case paused
        /// With `once`, it ends by itself after one buffer.
        case active(once: Bool)
        /// The kernel was asked to end it.
        case stopping(once: Bool)
        /// None, and none will be: the peer has sent its last byte.
        case ended
    }

    /// The send that is with the kernel, if there is one.
    enum Sending {
        case idle
        case active
        /// Nothing depends on when it completes.
        case quiet
    }

    /// What the reactor is to do for a connection.
    enum Action: Equatable {
        /// Send `unacknowledged` from its start. Unless `isAwaited`, nothing depends on when it completes.
        case send(isAwaited: Bool)
        /// Something depends on the send under way after all.
        case awaitSend
        /// Send `unacknowledged`, after which FIN or more bytes follow: the last packet may wait for them.
        case sendMore
        case startReceiving
        /// The same, but one buffer only.
        case receiveOnce
        /// The same, but one buffer only, after everyone else's.
        case receiveBulk
        case stopReceiving
        /// Send FIN and go on reading.
        case shutdownWriting
        /// End both directions, which ends a pending receive.
        case shutdown
        /// Close the socket and give the slot away: nothing is pending any more.
        case close
    }

    /// What the protocol says about itself, for the decision on what to send and to receive.
    struct Demand {
        /// It waits for the first byte of a request.
        var isAtRest: Bool
        /// It takes no more bytes for now.
        var isFull: Bool
        /// The first request has not begun yet.
        var isFresh: Bool
    }

    let descriptor: Int32
    let token: Token
    /// The peer's address. A reactor closes connections without one; only tests of a connection alone have none.
    package let peer: SocketAddress?
    // Not retained for each request: the reactor holds its listeners for longer than their connections.
    /// Where the connection was accepted, which says who serves it.
    let listener: Unmanaged<ReactorListener>

    var phase = Phase.open
    var receiving = Receiving.paused
    var sending = Sending.idle
    /// Received and not consumed.
    var input = ByteBuffer()
    /// To be sent, and not with the kernel yet.
    package var output = OutputQueue()
    /// With the kernel; must not change before the send completes.
    var unacknowledged = OutputSegment()
    /// Bytes dropped since the last response.
    var droppedByteCount = 0
    var share = TurnShare()
    var patience = Patience()

    init(descriptor: Int32, token: Token, peer: SocketAddress?, listener: ReactorListener) {
        unsafe self.listener = .passUnretained(listener)
        self.descriptor = descriptor
        self.token = token
        self.peer = peer
    }

    package var isOpen: Bool { if case .open = phase { true } else { false } }
    var isFinishing: Bool { if case .finishing = phase { true } else { false } }
    var isClosed: Bool { if case .closed = phase { true } else { false } }

    var isSending: Bool { if case .idle = sending { false } else { true } }

    /// Whether a receive is with the kernel.
    var isReceiving: Bool {
        switch receiving {
        case .active, .stopping: true
        case .paused, .ended: false
        }
    }

    /// Whether the peer has sent its last byte.
    package var isPeerFinished: Bool { if case .ended = receiving { true } else { false } }

    /// Bytes that the kernel has not taken yet.
    package var unsentByteCount: Int { output.byteCount + unacknowledged.count }

    /// Bytes of memory that go with the connection.
    var heldByteCount: Int { input.capacity + output.heldByteCount + unacknowledged.heldByteCount }
}

// MARK: - How it ends

extension Transport {
    /// Sends what is in the output, then ends the connection. With `lingers`, what the peer still sends is read for a
    /// while, or the kernel would answer it with a reset, which can destroy the last response before the peer has read
    /// it (RFC 9112 section 9.6).
    package mutating func finish(lingers: Bool) {
        guard isOpen else { return }
        phase = .finishing(lingers: lingers)
    }

    /// Ends the connection at once: it is broken, or has had its time.
    package mutating func fail() {
        guard !isClosed else { return }
        phase = .closed(isShutDown: false)
    }

    /// Bytes arrived that nobody looks at.
    mutating func drop(_ byteCount: Int, _ context: inout ReactorContext) {
        switch phase {
        case .finishing:
            // The peer may go on sending; closed on that, the socket would be reset, and the response lost with it.
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
    /// The first `byteCount` bytes of the input are not needed any more.
    mutating func consumeInput(_ byteCount: Int, _ context: inout ReactorContext) {
        input.removeFirst(byteCount)
        guard input.isEmpty else { return }
        context.freedByteCount += input.capacity
        input = ByteBuffer()
    }

    /// Sends the segments of `bytes` after all others, and empties it.
    mutating func take(_ bytes: inout OutputQueue) {
        output.append(draining: &bytes)
    }

    /// Gives the output some room, unless it has memory.
    mutating func borrowOutput(_ context: inout ReactorContext) {
        if output.last.capacity == 0 { context.buffers.lend(to: &output.last) }
    }

    /// The receive is over: the peer sent its last byte (`failure` 0), the kernel stopped it, or the connection broke.
    mutating func receiveEnded(failure: Int32, _ context: inout ReactorContext) {
        let wasOnce = receiving == .active(once: true) || receiving == .stopping(once: true)
        receiving = .paused
        switch failure {
        case 0:
            receiving = .ended
            if phase == .lingering { fail() }
        case ENOBUFS, ECANCELED, EINTR, EAGAIN:
            // Out of buffers, or stopped on purpose: `nextAction` arms it again when there is room.
            if failure == EAGAIN, wasOnce { share.countFloodReceive(&context) }
        default:
            fail()
        }
    }

    /// What became of a send.
    enum SendProgress {
        case failed
        /// The kernel took some of it: the rest is to be sent.
        case partial(Int)
        case complete(Int)
    }

    /// The kernel took `result` bytes of `unacknowledged`, or failed with a negated errno.
    @inline(__always)
    mutating func sent(_ result: Int) -> SendProgress {
        // Not a failure: nothing was taken this time.
        let count = result == -Int(EINTR) || result == -Int(EAGAIN) ? 0 : result
        guard count >= 0 else {
            sending = .idle
            fail()
            return .failed
        }
        unacknowledged.removeFirst(min(count, unacknowledged.count))
        patience.transferred += count
        // A short send goes on with the rest, ahead of anything newer.
        guard unacknowledged.isEmpty || isClosed else {
            sending = .active
            return .partial(count)
        }
        sending = .idle
        return .complete(count)
    }
}
