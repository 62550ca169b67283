import HTTPCore

/// A connection: a transport and the protocol spoken on it. Both handle events; afterwards `nextAction` returns the
/// actions to perform, one at a time, until it returns nil.
struct Connection: ~Copyable {
    var transport: Transport
    // Stored inline: nearly all connections speak HTTP/1.1, and Swift can't mutate the payload of an enum in place.
    var http1: HTTP1Connection
    /// The protocol spoken instead of HTTP/1.1, if any.
    private let other: (any ConnectionProtocol)?
    /// Whether `ConnectionCounts` includes this connection.
    var isCounted = false

    init(
        descriptor: Int32, token: Token, headLimits: HeadLimits, listener: ReactorListener, peer: SocketAddress? = nil
    ) {
        transport = Transport(descriptor: descriptor, token: token, peer: peer)
        http1 = HTTP1Connection(headLimits: headLimits, listener: listener)
        other = listener.makeProtocol?()
    }

    /// Bytes of memory that are freed with the connection.
    var heldByteCount: Int { transport.heldByteCount + http1.heldByteCount }

    /// Whether no byte of a request has been received.
    var isIdle: Bool { other == nil && transport.isOpen && http1.isIdle(transport) }
}

// MARK: - Events

extension Connection {
    /// Handles received bytes. They need not outlive the call.
    mutating func received(_ bytes: UnsafeRawBufferPointer, _ context: inout ReactorContext) {
        transport.share.countReceived(bytes.count, &context)
        guard transport.isOpen else { return transport.drop(bytes.count, &context) }
        // Most likely bytes of a body, which stay in memory until they have been read.
        if !http1.phase.isHead { context.freedByteCount += bytes.count }
        if !transport.input.isEmpty || transport.share.isDeferred {
            unsafe transport.input.append(bytes)
            // A deferred connection continues in a later turn.
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
        // The rest waits until the peer has received some of the output.
        guard transport.output.byteCount < context.configuration.buffers.outputHighWaterByteCount else { return 0 }
        // `bytes` is valid for the duration of the call.
        let used = unsafe other.receive(RawSpan(_unsafeBytes: bytes), &transport)
        return transport.isOpen ? min(max(used, 0), bytes.count) : bytes.count
    }

    /// Continues with input received earlier.
    private mutating func processInput(_ context: inout ReactorContext) {
        guard transport.isOpen else {
            transport.drop(0, &context)
            return transport.consumeInput(transport.input.count, &context)
        }
        // `process` does not touch `input`, so the bytes stay in place.
        let used = unsafe process(transport.input.unsafeBytes, &context)
        transport.consumeInput(used, &context)
    }

    /// Handles the end of a receive: the peer sent FIN (`failure` 0), the kernel ended it, or the connection broke.
    mutating func receiveEnded(failure: Int32, _ context: inout ReactorContext) {
        transport.receiveEnded(failure: failure, &context)
        guard transport.isPeerFinished else { return }
        // A client may send FIN and wait for its response. From now on the reactor checks whether the client is gone;
        // see `isPeerWatched`.
        if isIdle { transport.fail() } else { peerFinished() }
    }

    private mutating func peerFinished() {
        guard let other else { return http1.peerFinished(&transport) }
        other.peerFinished(&transport)
    }

    /// Handles the end of a send. `result` is the number of bytes sent, or a negated errno. Returns whether to send the
    /// rest.
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

    /// Records that bytes of the response have been sent, if the response has begun.
    @inline(never)
    private func noteSent(_ count: Int) {
        if count > 0, let exchange = http1.exchange, exchange.response.hasBegun { exchange.response.hasSent = true }
    }

    /// Handles a passed deadline. Returns a question for the kernel if the outcome depends on it.
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

    /// Ends the connection, whose time for `.sending` is over, unless the peer has acknowledged enough bytes.
    /// `byteCount` is 0 if the kernel doesn't know.
    mutating func acknowledged(_ byteCount: Int, now: Int64, _ context: inout ReactorContext) {
        let mayGoOn = transport.patience.mayGoOn(acknowledged: byteCount, now: now, &context)
        if !mayGoOn { transport.fail() }
    }

    /// Refuses the connection because there are too many.
    mutating func refuse(_ context: inout ReactorContext) {
        guard other == nil else { return transport.fail() }
        http1.refuse(&transport, &context)
    }

    /// Ends the connection without sending anything more: it is broken, or its time is over.
    mutating func fail() { transport.fail() }

    /// Closes the connection, whatever its client does. Returns whether a request was in progress, or a response was
    /// not sent completely.
    mutating func cutOff() -> Bool {
        defer { transport.fail() }
        return http1.cutOff() || transport.isSendingOutput
    }

    /// Handles a message from a handler that does not run inline.
    mutating func resumed(_ message: inout HandlerMessage, _ context: inout ReactorContext) {
        http1.resumed(&message, &transport, &context)
    }

    /// Handles a change that a task has made to its exchange.
    mutating func exchangeChanged(_ exchange: Exchange, _ context: inout ReactorContext) {
        guard http1.exchange === exchange else { return }
        http1.exchangeChanged(&transport, &context)
    }

    /// Continues with input that an earlier turn deferred. Returns the number of heads and chunks read.
    mutating func continueDeferred(_ context: inout ReactorContext) -> Int {
        // A connection that has ended meanwhile processes no more input.
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
    /// Returns the next action, or nil when the connection waits for an event. Each action is returned once and is
    /// considered started.
    mutating func nextAction(_ context: inout ReactorContext) -> Transport.Action? {
        if http1.exchange != nil { http1.endExchangeIfOver(transport) }
        return transport.nextAction(demand(&context), &context)
    }

    /// Begins the queued receive, whose turn it is. Returns false if it is not wanted any more.
    mutating func beginQueuedReceive(_ context: inout ReactorContext) -> Bool {
        transport.beginQueuedReceive(demand(&context), &context)
    }

    private func demand(_ context: inout ReactorContext) -> Transport.Demand {
        guard other == nil else {
            // Reported as at rest at any time, since these protocols don't wait for the completion of a send.
            let isFull = transport.output.byteCount >= context.configuration.buffers.outputHighWaterByteCount
            return Transport.Demand(isAtRest: true, isFull: isFull, isFresh: false)
        }
        return Transport.Demand(
            isAtRest: http1.phase.isHead, isFull: http1.isBodyFull(isReceiving: transport.isReceiving, &context),
            isFresh: http1.requestCount == 0)
    }

    /// Whether the kernel reports by itself that the peer is gone, or no handler is running. With no receive and no
    /// send under way, because the peer has sent FIN or more than the handler reads, the kernel has nothing to report
    /// it with. While the kernel has unacknowledged bytes, its report can take long.
    private var isPeerWatched: Bool { http1.exchange == nil || transport.isReceiving || transport.isSending }

    /// Returns the tick at which the connection has waited too long, or at which to check whether its peer is gone.
    mutating func deadline(now: Int64, _ context: inout ReactorContext) -> Int64 {
        let wait = currentWait(&context)
        guard wait == .handler || wait == .producer else {
            return transport.patience.deadline(for: wait, now: now, &context)
        }
        let limit = http1.plan.handlerTimeoutMilliseconds ?? context.configuration.timeouts.handlerMilliseconds
        return transport.patience.deadline(
            for: wait, now: now, milliseconds: limit, isPeerWatched: isPeerWatched, &context)
    }

    // Inlined; otherwise Swift 6.3 copies the whole connection to borrow it.
    @inline(__always)
    private func currentWait(_ context: inout ReactorContext) -> Wait {
        if transport.isSending { return .sending }
        guard transport.isOpen else { return .lingering }
        guard let other else { return http1.wait(transport, &context) }
        return context.isDraining && other.wait == .request ? .lastRequest : other.wait
    }

    /// Ends the exchanges of this connection, which has ended.
    mutating func endExchanges() {
        http1.endExchangeIfOver(transport)
        other?.disconnected()
    }
}
