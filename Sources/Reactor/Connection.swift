import HTTP1

/// One connection as a plain state machine: bytes and completions go in, `nextAction` says what to do. No I/O happens
/// in here, so a test can drive it byte by byte.
///
/// Bytes are parsed where they were received. Only what cannot be worked off at once is copied: an incomplete head, a
/// body that comes in pieces, requests behind one that is not answered yet.
@safe
struct Connection: ~Copyable {
    /// What the next byte received is.
    enum Phase: Equatable {
        /// Part of a request head, or the first byte of one.
        case head
        /// Part of a body that is collected: this many bytes are missing. With none it waits for the next turn.
        case body(remaining: Int)
        case chunkedBody
        /// Part of a body that nobody wants.
        case discarding(remaining: Int)
        case discardingChunks
        /// Part of a body that the handler elsewhere reads as it comes.
        case streaming(remaining: Int)
        case streamingChunks
        /// Nothing that is looked at before the handler elsewhere has answered.
        case suspended
        /// Nothing that is ever looked at: what is in the output is sent, then the connection is closed.
        case closing
        /// Thrown away while the client reads the last answer.
        case lingering
        /// The socket is finished; the kernel still has operations to end.
        case closed

        /// Shorter than a comparison, which looks at what comes with the cases too.
        var isHead: Bool { if case .head = self { true } else { false } }

        /// Whether no byte is looked at any more.
        var isOver: Bool {
            switch self {
            case .closing, .lingering, .closed: true
            default: false
            }
        }
    }

    /// What the reactor is to do for this connection.
    enum Action: Equatable {
        /// Send `sending` from its start. Unless `isAwaited`, nothing depends on when it is done.
        case send(isAwaited: Bool)
        /// Something depends on the send under way after all.
        case awaitSend
        /// Send `sending`, behind which FIN or the attachment follows: the last packet may wait for it.
        case sendMore
        case startReceiving
        /// The same, but one buffer only.
        case receiveOnce
        /// The same, but one buffer only, and others come first.
        case receiveBulk
        case stopReceiving
        /// Send FIN and go on reading.
        case shutdownWriting
        /// End both directions, which ends a pending receive.
        case shutdown
        /// Look whether the peer is gone, and say so with `fail`.
        case checkPeer
        /// Close the socket and give the slot away: nothing is pending any more.
        case close
    }

    /// Longer answers may not fit into the socket at once, so their sends are awaited from the start.
    private static let maximumQuietByteCount = 16 * 1024

    let descriptor: Int32
    let token: Token
    /// The client's address. A reactor closes connections without one; only tests of a connection alone have none.
    let peer: SocketAddress?
    // Not retained for each request: whoever handles the connection's events has it for longer than the connection.
    /// Where the connection was made, which says who serves it.
    let listener: Unmanaged<ReactorListener>
    /// Whether the connection counts among those of its client.
    var isCounted = false
    /// Requests that were begun.
    var requestCount = 0

    var phase = Phase.head
    /// What is to be done about the request whose body comes in.
    var plan = RequestPlan(route: 0, maximumBodyByteCount: 0, body: .ignored)
    /// Used while a head or a body is incomplete, with `ownsParser`; in between the reactor's parser does.
    var parser: RequestParser
    var ownsParser = false
    var decoder = ChunkedDecoder()

    /// Received and not looked at yet.
    var input = ByteBuffer()
    /// The head of the request whose body comes in, if it is collected; then the trailers of the body as they come.
    var headBytes = ByteBuffer()
    var body = ByteBuffer()
    /// Answers that are not on their way yet.
    var output = ByteBuffer()
    /// Answers that the kernel has; must not change before the send completes.
    var sending = ByteBuffer()

    /// What is shared with the handler elsewhere, if it is more than one complete answer.
    var exchange: Exchange?
    /// The client waits to be told to send the body that the handler reads as it comes.
    var expectsContinue = false
    /// Bytes of that body so far, where its length was not declared.
    var streamedByteCount = 0

    /// A send is with the kernel.
    var isSending = false
    /// That send is not awaited.
    var isSendQuiet = false
    /// A receive is with the kernel.
    var isReceiving = false
    /// That receive ends by itself after one buffer.
    var isReceivingOnce = false
    /// The kernel was asked to end the receive.
    var isStoppingReceive = false
    /// The peer has sent its last byte.
    var peerIsFinished = false
    /// Whether it is to be looked at if the peer is gone altogether.
    var peerCheck = PeerCheck.none
    /// Whether the client wanted to keep the connection when it sent the last request.
    var clientKeepsAlive = false
    /// Whether the last answer could be lost if the socket were closed while the client still sends.
    var needsLingering = false
    /// Both directions were ended, so a receive under way ends by itself.
    var isShutDown = false
    /// Bytes thrown away since the last answer.
    var discarded = 0
    /// The turn in which something was received or read last, how many bytes, and how many heads or chunks.
    var turn: UInt32 = 0
    var turnByteCount = 0
    var stepCount = 0
    /// More came in a turn than one connection may have; over after this many receives that bring little.
    var floodReceivesLeft = 0
    /// There is input that could be worked on, but others come first.
    var isDeferred = false
    /// The reactor has the connection on its list of those.
    var isListed = false
    /// What the connection waits for, since which tick, and the bytes that went or came since then. Tick 0: nothing
    /// has happened yet.
    var wait = Wait.request
    var waitStart: Int64 = 0
    var transferred = 0

    init(
        descriptor: Int32, token: Token, headLimits: HeadLimits, listener: ReactorListener, peer: SocketAddress? = nil
    ) {
        self.descriptor = descriptor
        self.peer = peer
        self.token = token
        unsafe self.listener = .passUnretained(listener)
        // It changes places with the reactor's parser, so it has to have the same limits.
        parser = RequestParser(limits: headLimits)
    }

    /// Bytes of memory that go with the connection.
    var heldByteCount: Int {
        input.heldByteCount + headBytes.heldByteCount + body.heldByteCount + output.heldByteCount
            + sending.heldByteCount
    }

    /// Whether the connection waits for a request and has no part of one.
    var isIdle: Bool { phase.isHead && !ownsParser && input.isEmpty && output.isEmpty && !isSending }
}

// MARK: - Actions

extension Connection {
    /// The next thing to do, or nil when the connection waits for an event. Each is told once, and is then taken to
    /// be under way.
    mutating func nextAction(_ services: inout ConnectionServices) -> Action? {
        if exchange != nil {
            endExchangeIfOver()
            if takePeerCheck() { return .checkPeer }
        }
        if isSendQuiet, phase.isOver {
            isSendQuiet = false
            return .awaitSend
        }
        if phase == .closed { return nextClosingAction() }
        if !isSending, !output.isEmpty {
            swap(&sending, &output)
            isSending = true
            // FIN travels with the answer: one packet, and the client need not close first.
            let isLastSmall = phase == .closing && sending.count <= Connection.maximumQuietByteCount
            if isLastSmall || sending.hasAttachment { return .sendMore }
            // At rest after this answer: its buffer can be given back whenever the connection is next looked at.
            let isLast = phase.isHead && input.isEmpty && !peerIsFinished
            isSendQuiet = isLast && sending.count <= Connection.maximumQuietByteCount
            return .send(isAwaited: !isSendQuiet)
        }
        if phase == .closing, !isSending {
            // All answers are out. Bytes that the client still sends would make the kernel answer with a reset, which
            // can destroy the answer before the client has read it; so read on for a while (RFC 9112 section 9.6).
            if needsLingering, !peerIsFinished {
                phase = .lingering
                discarded = 0
                return .shutdownWriting
            }
            phase = .closed
            return nextClosingAction()
        }
        return nextReceivingAction(&services)
    }

    /// Whether the connection has to leave time for the others.
    private var isFlooding: Bool { floodReceivesLeft > 0 }

    private mutating func nextClosingAction() -> Action? {
        if isReceiving || isSending {
            guard !isShutDown else { return nil }
            isShutDown = true
            return .shutdown
        }
        return .close
    }

    /// Back-pressure: a connection that does not get on is not received from, and TCP slows its client down.
    private mutating func nextReceivingAction(_ services: inout ConnectionServices) -> Action? {
        let isFull = input.count >= services.configuration.inputHighWaterByteCount || isBodyFull(&services)
        if isReceiving, isFull || (isFlooding && !isReceivingOnce), !isStoppingReceive {
            isStoppingReceive = true
            return .stopReceiving
        }
        if !isReceiving, !isFull, !peerIsFinished, !needsNoMore(&services) {
            isReceiving = true
            // What is thrown away in any case can wait for the others.
            let isBulk = isFlooding || phase == .lingering
            // Many connections have one request: a receive that is over by then need not be ended.
            isReceivingOnce = isBulk || requestCount == 0
            return isBulk ? .receiveBulk : requestCount == 0 ? .receiveOnce : .startReceiving
        }
        return nil
    }

    /// Whether nothing has to be read for the client to get its answer: the last one is on its way, the client asked
    /// for the end, and has sent nothing behind its request.
    private func needsNoMore(_ services: inout ConnectionServices) -> Bool {
        phase == .closing && !needsLingering && hasReceivedAll(&services)
    }

    /// Whether the handler has enough of its body to read; once it had, not before it has read half of it.
    private func isBodyFull(_ services: inout ConnectionServices) -> Bool {
        guard let exchange else { return false }
        let mark = services.configuration.streamHighWaterByteCount
        return exchange.body.count >= (isReceiving ? mark : max(mark / 2, 1))
    }
}
