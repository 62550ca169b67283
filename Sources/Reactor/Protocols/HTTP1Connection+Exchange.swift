import HTTP1
import HTTPCore

// A request whose handler runs elsewhere: its body goes there in pieces, its answer comes back in pieces.
extension HTTP1Connection {
    /// Lets the handler have the body as it comes.
    mutating func beginStreamedBody(
        _ framing: BodyFraming, head: UnsafeRawBufferPointer, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        var length: Int?
        if case .length(let count) = framing { length = count }
        if let length, length > plan.maximumBodyByteCount { return reject(.bodyTooLarge, &transport, &context) }
        decoder = ChunkedDecoder()
        unsafe respond(beforeBody: length, head: head, &transport, &context)
    }

    /// Bytes of a body that is known by its length. Returns how many belong to it.
    mutating func takeStreamed(
        _ bytes: UnsafeRawBufferPointer, remaining: Int, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) -> Int {
        let used = min(remaining, bytes.count)
        unsafe deliver(
            UnsafeRawBufferPointer(rebasing: bytes[..<used]), remaining: remaining - used, &transport, &context)
        if used == remaining {
            endStreamedBody()
        } else {
            phase = .streaming(remaining: remaining - used)
        }
        return used
    }

    /// Bytes of a chunked body. Returns how many belong to it.
    mutating func takeStreamedChunks(
        _ bytes: UnsafeRawBufferPointer, _ transport: inout Transport, _ context: inout ReactorContext
    ) -> Int {
        let span = unsafe RawSpan(_unsafeBytes: bytes)
        var offset = 0
        while true {
            guard transport.share.takeStep(&context) else { return offset }
            switch decoder.decode(span, from: offset, collectingTrailersIn: &headBytes) {
            case .data(let start, let end):
                offset = end
                passedByteCount += end - start
                guard plan.body == .ignored || passedByteCount <= plan.maximumBodyByteCount else {
                    abortRequest(.bodyTooLarge, .bodyTooLarge, &transport, &context)
                    return bytes.count
                }
                unsafe deliver(
                    UnsafeRawBufferPointer(rebasing: bytes[start..<end]), remaining: nil, &transport,
                    &context)
            case .needsMore:
                return bytes.count
            case .end(let next):
                endStreamedBody()
                return next
            case .rejected(let rejection):
                abortRequest(rejection, .bodyMalformed, &transport, &context)
                return bytes.count
            }
        }
    }

    private mutating func deliver(
        _ bytes: UnsafeRawBufferPointer, remaining: Int?, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        guard let exchange, unsafe !bytes.isEmpty else { return }
        // The client does not wait to be told to go on.
        expectsContinue = false
        exchange.setBodyRest(bodyRest(remaining, context.configuration))
        transport.patience.transferred += bytes.count
        unsafe exchange.bodyBytes.append(bytes)
        exchange.deliverBody()
    }

    private mutating func endStreamedBody() {
        phase = .suspended
        expectsContinue = false
        guard let exchange else { return }
        // Chunked, so nothing else of the request's is in there.
        swap(&exchange.trailers, &headBytes)
        exchange.body.isComplete = true
        exchange.deliverBody()
    }

    /// The request cannot be read to its end: the client is told, unless its answer has begun, and the handler too.
    mutating func abortRequest(
        _ rejection: Rejection, _ error: StreamError, _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        let hasBegun = exchange?.response.hasBegun ?? false
        // What there is of a response that has begun goes out before the end.
        if hasBegun { exchange?.response.hasSent = true }
        exchange?.end(error, status: rejection.status)
        exchange = nil
        if hasBegun {
            headBytes = ByteBuffer()
            transport.finish(lingers: true)
        } else {
            reject(rejection, &transport, &context)
        }
    }
}

// MARK: - What the handler does

extension HTTP1Connection {
    /// A handler elsewhere says something.
    mutating func resumed(_ answer: inout HandlerMessage, _ transport: inout Transport, _ context: inout ReactorContext)
    {
        let sender = answer.exchange
        // From a handler whose request is over.
        guard !sender.isOver else { return }
        guard sender === exchange else { return sender.end(.disconnected) }
        note(answer.step, of: sender)
        if !answer.output.isEmpty {
            transport.take(&answer.output)
            sender.response.hasBegun = true
        }
        exchangeChanged(&transport, &context)
    }

    private func note(_ step: HandlerMessage.Step, of sender: Exchange) {
        switch step {
        case .finished(let keepsAlive): sender.response.ending = .finished(keepsAlive: keepsAlive)
        case .aborted: sender.response.ending = .aborted
        case .output: break
        case .outputAwaited: sender.response.roomWaiter = .thread
        case .wantsBody:
            sender.body.isWanted = true
            sender.body.waiter = .thread
        case .cancelsWaits:
            sender.wake(sender.body.waiter.take(), nil)
        }
    }

    /// Does what the exchange's handler has asked for.
    mutating func exchangeChanged(_ transport: inout Transport, _ context: inout ReactorContext) {
        guard let exchange else { return }
        // Once an answer is on its way the client decides by itself whether to send the body.
        if expectsContinue, exchange.body.isWanted, !exchange.response.hasBegun, exchange.output.isEmpty {
            expectsContinue = false
            if case .streaming(let remaining) = phase {
                exchange.setBodyRest(bodyRest(remaining, context.configuration))
            } else {
                exchange.setBodyRest(.short)
            }
            transport.borrowOutput(&context)
            transport.output.last.append("HTTP/1.1 100 Continue\r\n\r\n")
        }
        exchange.deliverBody()
        if !exchange.output.isEmpty {
            transport.take(&exchange.output)
            exchange.response.hasBegun = true
        }
        exchange.grantRoom(unsent: transport.unsentByteCount)
        switch exchange.response.ending {
        case .finished(let keepsAlive): finish(keepsAlive: keepsAlive, &transport, &context)
        case .aborted: abort(&transport)
        case nil: break
        }
    }

    /// The answer is complete.
    private mutating func finish(keepsAlive: Bool, _ transport: inout Transport, _ context: inout ReactorContext) {
        // Also while the server stops: what the answer says about the connection is kept, and the next one ends it.
        exchange?.end(.disconnected)
        exchange = nil
        switch phase {
        case .streaming(let remaining): discardBody(remaining, goesOn: keepsAlive, &transport, &context)
        case .streamingChunks: discardBody(nil, goesOn: keepsAlive, &transport, &context)
        default: finishRequest(keepsAlive: keepsAlive, &transport)
        }
        if !transport.input.isEmpty { processInput(&transport, &context) }
        if transport.isPeerFinished { peerFinished(&transport) }
    }

    /// The answer will never be complete: what there is of it goes out, and the client notices that more is missing.
    private mutating func abort(_ transport: inout Transport) {
        transport.finish(lingers: phase != .suspended)
        exchange?.end(.disconnected)
        exchange = nil
    }
}
