import HTTP1
import HTTPCore

// Requests whose handlers don't run inline: their exchange receives the body, and provides the response, in pieces.
extension HTTP1Connection {
    /// Calls the handler, which reads the body while it is received.
    mutating func beginStreamedBody(
        _ framing: BodyFraming, head: UnsafeRawBufferPointer, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        var length: Int?
        if case .length(let count) = framing { length = count }
        if let length, length > plan.maximumBodyByteCount {
            return unsafe reject(.bodyTooLarge, head: head, &transport, &context)
        }
        decoder = ChunkedDecoder()
        unsafe respond(beforeBody: length, head: head, &transport, &context)
    }

    /// Delivers bytes of a body with a declared length. Returns how many belong to it.
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

    /// Delivers bytes of a chunked body. Returns how many belong to it.
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
        // The client sends the body without waiting for 100 (Continue).
        expectsContinue = false
        exchange.remainingBody = remainingBody(remaining, context.configuration)
        transport.patience.transferred += bytes.count
        unsafe exchange.bodyBytes.append(bytes)
        exchange.deliverBody()
    }

    private mutating func endStreamedBody() {
        phase = .suspended
        expectsContinue = false
        guard let exchange else { return }
        // Empty unless the body was chunked; then it holds nothing but the trailers.
        swap(&exchange.trailers, &headBytes)
        exchange.body.isComplete = true
        exchange.deliverBody()
    }

    /// Ends a request that cannot be read to its end: the client gets an error response, unless the handler's has begun
    /// or is on its way, and the handler's exchange fails.
    mutating func abortRequest(
        _ rejection: Rejection, _ error: StreamError, _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        let hasBegun = exchange?.response.hasBegun ?? false
        // A handler on another thread may be sending its own response at this moment: then that is the client's.
        if !hasBegun, let exchange, !exchange.replace(by: rejection.status) {
            phase = .unreadable
            expectsContinue = false
            headBytes = ByteBuffer()
            return
        }
        // The part of a response that exists is sent before the connection closes.
        if hasBegun {
            exchange?.response.hasSent = true
            headBytes = ByteBuffer()
            transport.finish(lingers: true)
        } else {
            reject(rejection, &transport, &context)
        }
        exchange?.end(error, status: rejection.status)
        exchange = nil
    }
}

// MARK: - Events from the handler

extension HTTP1Connection {
    /// Handles a message from a handler on another thread.
    mutating func resumed(
        _ message: inout HandlerMessage, _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        let sender = message.exchange
        // The handler's request has ended.
        guard !sender.isOver else { return }
        guard sender === exchange else { return sender.end(.disconnected) }
        apply(message.step, to: sender)
        if !message.output.isEmpty {
            transport.take(&message.output)
            sender.response.hasBegun = true
        }
        exchangeChanged(&transport, &context)
    }

    private func apply(_ step: HandlerMessage.Step, to sender: Exchange) {
        switch step {
        case .finished(let responded): sender.response.ending = .finished(responded)
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

    /// Applies the changes that the handler has made to its exchange.
    mutating func exchangeChanged(_ transport: inout Transport, _ context: inout ReactorContext) {
        guard let exchange else { return }
        // Once the response has begun, the client decides by itself whether to send the body.
        if expectsContinue, exchange.body.isWanted, !exchange.response.hasBegun, exchange.output.isEmpty {
            expectsContinue = false
            if case .streaming(let remaining) = phase {
                exchange.remainingBody = remainingBody(remaining, context.configuration)
            } else {
                exchange.remainingBody = .short
            }
            sendContinue(&transport, &context)
        }
        exchange.deliverBody()
        if !exchange.output.isEmpty {
            transport.take(&exchange.output)
            exchange.response.hasBegun = true
        }
        exchange.grantRoom(unsent: transport.unsentByteCount)
        switch exchange.response.ending {
        case .finished(let responded): finish(keepsAlive: responded.keepsAlive, &transport, &context)
        case .aborted: abort(&transport)
        case nil: if transport.isPeerFinished { peerFinished(&transport) }
        }
    }

    /// Ends the request after its complete response.
    private mutating func finish(keepsAlive: Bool, _ transport: inout Transport, _ context: inout ReactorContext) {
        // Also while the server stops: the connection stays open if the response said so, and the next response closes
        // it.
        exchange?.end(.disconnected)
        exchange = nil
        switch phase {
        case .streaming(let remaining): discardBody(remaining, goesOn: keepsAlive, &transport, &context)
        case .streamingChunks: discardBody(nil, goesOn: keepsAlive, &transport, &context)
        case .unreadable: transport.finish(lingers: true)
        default: finishRequest(keepsAlive: keepsAlive, &transport)
        }
        if !transport.input.isEmpty { processInput(&transport, &context) }
        if transport.isPeerFinished { peerFinished(&transport) }
    }

    /// Ends a request whose response stays incomplete: what exists of it is sent, and the client notices the missing
    /// end.
    private mutating func abort(_ transport: inout Transport) {
        transport.finish(lingers: phase != .suspended)
        exchange?.end(.disconnected)
        exchange = nil
    }
}
