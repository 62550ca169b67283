import HTTPCore

/// One connection: a transport, and the protocol that is spoken on it. Events go to the one and to the other, and
/// `nextAction` says what to do, until there is nothing left.
struct Connection: ~Copyable {
    var transport: Transport
    // In place, since nearly all connections speak it and Swift can't change the payload of an enum where it is.
    var http1: HTTP1Connection
    /// Spoken instead of HTTP/1.1, if there is one.
    private let other: (any ConnectionProtocol)?
    /// Whether the connection counts among those of its client.
    var isCounted = false

    init(
        descriptor: Int32, token: Token, headLimits: HeadLimits, listener: ReactorListener, peer: SocketAddress? = nil
    ) {
        transport = Transport(descriptor: descriptor, token: token, peer: peer, listener: listener)
        http1 = HTTP1Connection(headLimits: headLimits)
        other = listener.makeProtocol?()
    }

    /// Bytes of memory that go with the connection.
    var heldByteCount: Int { transport.heldByteCount + http1.heldByteCount }

    /// Whether nothing of a request was received.
    var isIdle: Bool { other == nil && transport.isOpen && http1.isIdle(transport) }
}

// MARK: - Events

extension Connection {
    /// `bytes` arrived; they are not needed any more when this returns.
    mutating func received(_ bytes: UnsafeRawBufferPointer, _ context: inout ReactorContext) {
        transport.share.countReceived(bytes.count, &context)
        guard transport.isOpen else { return transport.drop(bytes.count, &context) }
        // Of a body, most likely, which is in memory until it has been read.
        if !http1.phase.isHead { context.freedByteCount += bytes.count }
        if !transport.input.isEmpty || transport.share.isDeferred {
            unsafe transport.input.append(bytes)
            // Deferred, it goes on when its turn comes.
            if !transport.share.isDeferred { processInput(&context) }
        } else {
            let used = unsafe process(bytes, &context)
            if used < bytes.count { unsafe transport.input.append(UnsafeRawBufferPointer(rebasing: bytes[used...])) }
        }
    }

    /// Consumes as much of `bytes` as possible and returns how many bytes that was.
    @inline(__always)
    private mutating func process(_ bytes: UnsafeRawBufferPointer, _ context: inout ReactorContext) -> Int {
        guard let other else { return unsafe http1.process(bytes, &transport, &context) }
        // The rest waits until the peer has taken some of the output.
        guard transport.output.byteCount < context.configuration.buffers.outputHighWaterByteCount else { return 0 }
        // There for the call.
        let used = unsafe other.receive(RawSpan(_unsafeBytes: bytes), &transport)
        return transport.isOpen ? min(max(used, 0), bytes.count) : bytes.count
    }

    /// Continues with what was received before.
    private mutating func processInput(_ context: inout ReactorContext) {
        guard transport.isOpen else {
            transport.drop(0, &context)
            return transport.consumeInput(transport.input.count, &context)
        }
        // `process` does not touch `input`, so the bytes stay in place.
        let used = unsafe process(transport.input.unsafeBytes, &context)
        transport.consumeInput(used, &context)
    }

    /// The receive is over: the peer sent its last byte (`failure` 0), the kernel stopped it, or the connection broke.
    mutating func receiveEnded(failure: Int32, _ context: inout ReactorContext) {
        transport.receiveEnded(failure: failure, &context)
        guard transport.isPeerFinished else { return }
        if isIdle { transport.fail() } else { peerFinished() }
        // A client may send FIN and wait for its response. One that reads a stream is taken to have had enough of it.
        // Whether it is gone altogether is looked at from now on; see `isPeerWatched`.
        if let exchange = http1.exchange, exchange.response.hasBegun { exchange.task?.cancel() }
    }

    private mutating func peerFinished() {
        guard let other else { return http1.peerFinished(&transport) }
        other.peerFinished(&transport)
    }

    /// The kernel took `result` bytes of what is being sent, or failed with a negated errno. Returns whether to send
    /// the rest.
    mutating func sent(_ result: Int, _ context: inout ReactorContext) -> Bool {
        switch transport.sent(result) {
        case .failed:
            return false
        case .partial(let count):
            if http1.exchange != nil { noteSent(count) }
            return true
        case .complete(let count):
            if http1.exchange != nil { noteSent(count) }
        }
        transport.unacknowledged.recycle { context.buffers.takeBack(&$0) }
        http1.exchange?.grantRoom(unsent: transport.output.byteCount)
        if !transport.input.isEmpty, !transport.share.isDeferred { processInput(&context) }
        if transport.isPeerFinished { peerFinished() }
        return false
    }

    /// The client has got some of the response, if it has begun.
    @inline(never)
    private func noteSent(_ count: Int) {
        if count > 0, let exchange = http1.exchange, exchange.response.hasBegun { exchange.response.hasSent = true }
    }

    /// The deadline has passed. Returns what the kernel is to be asked first, if that makes a difference.
    mutating func timedOut(_ context: inout ReactorContext) -> Patience.Question? {
        if let question = transport.patience.takeQuestion() { return question }
        let wait = transport.patience.wait
        guard let other else {
            http1.timedOut(wait, &transport, &context)
            return nil
        }
        if wait == .lingering { transport.fail() } else { other.timedOut(&transport) }
        return nil
    }

    /// The peer has acknowledged so many bytes, 0 if the kernel doesn't know, and the time for `.sending` is over.
    mutating func acknowledged(_ byteCount: Int, now: Int64, _ context: inout ReactorContext) {
        let mayGoOn = transport.patience.mayGoOn(acknowledged: byteCount, now: now, &context)
        if !mayGoOn { transport.fail() }
    }

    /// There are too many connections for this one.
    mutating func refuse(_ context: inout ReactorContext) {
        guard other == nil else { return transport.fail() }
        http1.refuse(&transport, &context)
    }

    /// The connection is broken, or has had its time: nothing more can be sent.
    mutating func fail() { transport.fail() }

    /// A handler that does not run inline has a message.
    mutating func resumed(_ answer: inout HandlerMessage, _ context: inout ReactorContext) {
        http1.resumed(&answer, &transport, &context)
    }

    /// A task has changed its exchange.
    mutating func exchangeChanged(_ exchange: Exchange, _ context: inout ReactorContext) {
        guard http1.exchange === exchange else { return }
        http1.exchangeChanged(&transport, &context)
    }

    /// Continues where an earlier turn left off. Returns how many heads and chunks were read.
    mutating func continueDeferred(_ context: inout ReactorContext) -> Int {
        // Nothing more of one that has ended meanwhile is looked at.
        if !transport.isOpen { transport.share.isDeferred = false }
        guard transport.share.isDeferred else { return 0 }
        transport.share.enter(context.turn)
        processInput(&context)
        if transport.isPeerFinished { peerFinished() }
        return transport.share.stepCount
    }
}

// MARK: - Actions

extension Connection {
    /// The next thing to do, or nil when the connection waits for an event. Each action is returned once and considered
    /// started.
    mutating func nextAction(_ context: inout ReactorContext) -> Transport.Action? {
        if http1.exchange != nil { http1.endExchangeIfOver(transport) }
        return transport.nextAction(demand(&context), &context)
    }

    private func demand(_ context: inout ReactorContext) -> Transport.Demand {
        guard other == nil else {
            // Always at rest: nothing waits for a send.
            let isFull = transport.output.byteCount >= context.configuration.buffers.outputHighWaterByteCount
            return Transport.Demand(isAtRest: true, isFull: isFull, isFresh: false)
        }
        return Transport.Demand(
            isAtRest: http1.phase.isHead, isFull: http1.isBodyFull(isReceiving: transport.isReceiving, &context),
            isFresh: http1.requestCount == 0)
    }

    /// Whether the kernel would report by itself that the peer is gone, or nobody waits. It doesn't while a handler is
    /// waited for and nothing is received, as the peer has sent FIN or more than the handler takes, and nothing is
    /// being sent. As long as it has bytes for the peer, it takes long to do so.
    private var isPeerWatched: Bool { http1.exchange == nil || transport.isReceiving || transport.isSending }

    /// The tick at which the connection has waited too long, or is to be looked at if its peer is gone.
    mutating func deadline(now: Int64, _ context: inout ReactorContext) -> Int64 {
        let wait = currentWait(&context)
        guard wait == .handler || wait == .producer else {
            return transport.patience.deadline(for: wait, now: now, &context)
        }
        let limit = http1.plan.handlerTimeoutMilliseconds ?? context.configuration.timeouts.handlerMilliseconds
        return transport.patience.deadline(
            for: wait, now: now, milliseconds: limit, isPeerWatched: isPeerWatched, &context)
    }

    // Inlined, or Swift 6.3 would copy the whole connection to lend it.
    @inline(__always)
    private func currentWait(_ context: inout ReactorContext) -> Wait {
        if transport.isSending { return .sending }
        guard transport.isOpen else { return .lingering }
        guard let other else { return http1.wait(transport, &context) }
        return context.isDraining && other.wait == .request ? .lastRequest : other.wait
    }

    /// Ends what waits for this connection, which is over.
    mutating func endExchanges() {
        http1.endExchangeIfOver(transport)
        other?.disconnected()
    }
}
