import HTTP1
import HTTPCore

// Requests, one after the other: head, body, response.
extension HTTP1Connection {
    /// The most bytes that are reserved at once for a body with a declared length. A client that declares more than it
    /// sends costs address space but no memory.
    private static let maximumReservedByteCount = 64 * 1024

    /// Processes as many of `bytes` as possible and returns their number. The rest begins with an incomplete head, or
    /// with a request that has to wait.
    mutating func process(
        _ bytes: UnsafeRawBufferPointer, _ transport: inout Transport, _ context: inout ReactorContext
    ) -> Int {
        // An incomplete request keeps its parser; swap it in for the reactor's.
        if ownsParser {
            swap(&parser, &context.http1.parser)
            ownsParser = false
        }
        var offset = 0
        var isAdvancing = true
        let beganWithHead = phase.isHead
        transport.share.isDeferred = false
        // A body that was complete when its turn's share was used up.
        if phase == .body(remaining: 0) { completeBody(&transport, &context) }
        while isAdvancing, !transport.share.isDeferred, transport.isOpen, offset < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            switch phase {
            case .head:
                guard transport.output.byteCount < context.configuration.buffers.outputHighWaterByteCount else {
                    isAdvancing = false
                    continue
                }
                guard transport.share.takeStep(&context) else { continue }
                let used = unsafe processHead(rest, &transport, &context)
                isAdvancing = used > 0
                offset += used
            case .body, .chunkedBody, .discarding, .discardingChunks, .streaming, .streamingChunks:
                offset += unsafe processBody(rest, &transport, &context)
            case .unreadable:
                offset = bytes.count
            case .suspended:
                isAdvancing = false
            }
        }
        let hasRest = offset < bytes.count
        guard transport.isOpen else {
            // Bytes after the last request are not processed.
            if hasRest { transport.drop(0, &context) }
            return bytes.count
        }
        if beganWithHead, hasRest || !phase.isHead { presumeFlood(&transport, &context) }
        keepParserIfNeeded(&context, hasRest: hasRest)
        return offset
    }

    /// Continues with input received earlier.
    mutating func processInput(_ transport: inout Transport, _ context: inout ReactorContext) {
        // `process` does not touch `input`, so the bytes stay in place.
        let used = unsafe process(transport.input.unsafeBytes, &transport, &context)
        transport.consumeInput(used, &context)
    }

    /// Treats what has just begun as a flood if it is long or its length is unknown: a body, or a head longer than a
    /// buffer.
    private func presumeFlood(_ transport: inout Transport, _ context: inout ReactorContext) {
        switch phase {
        case .body(let remaining), .discarding(let remaining), .streaming(let remaining):
            guard remaining >= context.configuration.turns.floodByteCount else { return }
        case .chunkedBody, .discardingChunks, .streamingChunks:
            break
        case .head:
            guard !transport.share.hasReceivedAll(&context) else { return }
        case .suspended, .unreadable:
            return
        }
        transport.share.presumeFlood()
    }

    /// Processes bytes of a body. Returns how many belong to it. Not inlined, so that requests without a body don't pay
    /// for it.
    @inline(never)
    private mutating func processBody(
        _ bytes: UnsafeRawBufferPointer, _ transport: inout Transport, _ context: inout ReactorContext
    ) -> Int {
        switch phase {
        case .body(let remaining):
            let used = min(remaining, bytes.count)
            if body.capacity == 0 { body.reserve(min(remaining, HTTP1Connection.maximumReservedByteCount)) }
            unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[..<used]))
            transport.patience.transferred += used
            phase = .body(remaining: remaining - used)
            if used == remaining { completeBody(&transport, &context) }
            return used
        case .discarding(let remaining):
            let used = min(remaining, bytes.count)
            transport.patience.transferred += used
            phase = used == remaining ? .head : .discarding(remaining: remaining - used)
            return used
        case .chunkedBody, .discardingChunks:
            return unsafe processChunks(bytes, &transport, &context)
        case .streaming(let remaining):
            return unsafe takeStreamed(bytes, remaining: remaining, &transport, &context)
        case .streamingChunks:
            return unsafe takeStreamedChunks(bytes, &transport, &context)
        case .head, .suspended, .unreadable:
            preconditionFailure("no body is being received")
        }
    }

    /// Processes a head, and its body if that has been received in full. Returns 0 when the head is incomplete.
    private mutating func processHead(
        _ bytes: UnsafeRawBufferPointer, _ transport: inout Transport, _ context: inout ReactorContext
    ) -> Int {
        switch unsafe context.http1.parser.parse(RawSpan(_unsafeBytes: bytes)) {
        case .needsMore:
            return 0
        case .rejected(let rejection):
            reject(rejection, &transport, &context)
            return bytes.count
        case .complete:
            break
        }
        let headCount = context.http1.parser.head.byteCount
        let head = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<headCount])
        context.requestCount += 1
        requestCount += 1
        unsafe listener._withUnsafeGuaranteedRef { listener in
            plan = unsafe listener.application.plan(for: context.http1.parser.head, bytes: RawSpan(_unsafeBytes: head))
        }
        switch context.http1.parser.framing {
        case .none, .length(0):
            unsafe respond(head: head, body: UnsafeRawBufferPointer(start: nil, count: 0), &transport, &context)
            return headCount
        case let framing where plan.body == .streamed:
            unsafe beginStreamedBody(framing, head: head, &transport, &context)
            return headCount
        case .length(let count)
        where plan.body == .collected && count <= min(plan.maximumBodyByteCount, bytes.count - headCount):
            // The whole body has been received: the handler reads it in place.
            let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[headCount..<headCount + count])
            unsafe respond(head: head, body: body, &transport, &context)
            return headCount + count
        case let framing:
            unsafe beginBody(framing, head: head, hasBytes: bytes.count > headCount, &transport, &context)
            return headCount
        }
    }

    /// Prepares for a body that is received in pieces or is not read.
    private mutating func beginBody(
        _ framing: BodyFraming, head: UnsafeRawBufferPointer, hasBytes: Bool, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        var length: Int?
        if case .length(let count) = framing { length = count }
        decoder = ChunkedDecoder()
        guard plan.body == .collected else {
            return unsafe respond(beforeBody: length, head: head, &transport, &context)
        }
        if let length, length > plan.maximumBodyByteCount {
            return unsafe reject(.bodyTooLarge, head: head, &transport, &context)
        }
        responder = unsafe listener._withUnsafeGuaranteedRef { $0.application.responder }
        unsafe headBytes.append(head)
        phase = length.map { .body(remaining: $0) } ?? .chunkedBody
        if context.http1.parser.expectsContinue, !hasBytes {
            sendContinue(&transport, &context)
        }
    }

    private mutating func processChunks(
        _ bytes: UnsafeRawBufferPointer, _ transport: inout Transport, _ context: inout ReactorContext
    ) -> Int {
        let span = unsafe RawSpan(_unsafeBytes: bytes)
        let isWanted = phase == .chunkedBody
        let limit = isWanted ? plan.maximumBodyByteCount : context.configuration.buffers.maximumDiscardedByteCount
        var offset = 0
        while true {
            guard transport.share.takeStep(&context) else { return offset }
            let event =
                isWanted
                ? decoder.decode(span, from: offset, collectingTrailersIn: &headBytes)
                : decoder.decode(span, from: offset)
            switch event {
            case .data(let start, let end):
                offset = end
                transport.patience.transferred += end - start
                let received = (isWanted ? body.count : passedByteCount) + end - start
                guard received <= limit else {
                    return giveUp(.bodyTooLarge, isWanted: isWanted, bytes.count, &transport, &context)
                }
                if isWanted {
                    unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                } else {
                    passedByteCount = received
                }
            case .needsMore:
                return bytes.count
            case .end(let next):
                if isWanted { completeBody(&transport, &context) } else { phase = .head }
                return next
            case .rejected(let rejection):
                return giveUp(rejection, isWanted: isWanted, bytes.count, &transport, &context)
            }
        }
    }

    /// Ends the connection when a body cannot be read to its end, with an error response if there was none yet.
    private mutating func giveUp(
        _ rejection: Rejection, isWanted: Bool, _ used: Int, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) -> Int {
        if isWanted {
            reject(rejection, &transport, &context)
        } else {
            transport.finish(lingers: true)
        }
        return used
    }

    /// Calls the handler after the whole body, now or in a later turn.
    private mutating func completeBody(_ transport: inout Transport, _ context: inout ReactorContext) {
        guard takeBodyStep(&transport, &context) else {
            phase = .body(remaining: 0)
            return
        }
        // `respond` changes neither buffer; both are emptied after it.
        unsafe respond(head: headBytes.unsafeBytes, body: body.unsafeBytes, &transport, &context)
        headBytes = ByteBuffer()
        body = ByteBuffer()
    }

    /// Lets the application respond to the request whose head the reactor's parser holds.
    mutating func respond(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, rest: RemainingBody = .short,
        _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        transport.borrowOutput(&context)
        clientKeepsAlive = context.http1.parser.keepsAlive
        let encoder = ProtocolEncoder.http1(
            ResponseEncoder(
                isHead: context.http1.parser.head.method == .head,
                minorVersion: context.http1.parser.head.version == .http10 ? 0 : 1, keepsAlive: mayKeepAlive(&context),
                remainingBody: rest))
        let (token, peer) = (transport.token, transport.peer)
        let responder = responder.take()
        let outcome = unsafe listener._withUnsafeGuaranteedRef { listener in
            unsafe withUnsafeMutablePointer(to: &transport.output) { output in
                let request = unsafe IncomingRequest(
                    head: context.http1.parser.head, route: plan.route, encoder: encoder, headBytes: head,
                    bodyBytes: body,
                    token: token, stream: UInt32(truncatingIfNeeded: requestCount), peer: peer,
                    mailbox: context.mailbox)
                let sender = unsafe ResponseSender(encoder: encoder, output: output, date: context.dateField)
                if let responder { return responder.respond(to: request, with: sender) }
                return listener.application.respond(to: request, with: sender)
            }
        }
        switch outcome {
        case .responded(let responded): finishRequest(keepsAlive: responded.keepsAlive, &transport)
        case .suspended(let exchange):
            phase = .suspended
            self.exchange = exchange
            // Reuses the buffer that an inline response would have been written to.
            if transport.output.isEmpty, exchange.output.isEmpty { swap(&transport.output, &exchange.output) }
        }
        context.http1.parser.reset()
    }

    /// Whether another request may follow the one that the reactor's parser holds.
    private func mayKeepAlive(_ context: inout ReactorContext) -> Bool {
        context.http1.parser.keepsAlive && !context.isDraining
            && requestCount < context.configuration.maximumRequestsPerConnection
    }

    /// Counts a collected body that is about to be handled. Returns false, and defers the connection, when such bodies
    /// of all connections together have used up their share of this turn.
    private func takeBodyStep(_ transport: inout Transport, _ context: inout ReactorContext) -> Bool {
        if context.http1.bodyTurn != context.turn {
            context.http1.bodyTurn = context.turn
            context.http1.bodyByteCount = 0
        }
        let limit = max(context.configuration.turns.maximumBodyByteCountPerTurn, 1)
        transport.share.isDeferred = context.http1.bodyByteCount >= limit
        if !transport.share.isDeferred { context.http1.bodyByteCount += body.count }
        return !transport.share.isDeferred
    }

    /// Keeps an incomplete head, or one whose body is being collected, in the connection's own parser.
    private mutating func keepParserIfNeeded(_ context: inout ReactorContext, hasRest: Bool) {
        switch phase {
        case .head where hasRest: break
        case .body, .chunkedBody: break
        default: return
        }
        swap(&parser, &context.http1.parser)
        ownsParser = true
    }
}
