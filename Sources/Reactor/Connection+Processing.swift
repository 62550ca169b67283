import HTTP1

// The way of the bytes: head, body, answer, and again.
extension Connection {
    /// Of a body whose length is declared, this much gets its room at once. Whoever sends less than was declared has
    /// cost address space, which few ever run out of, and no memory.
    private static let maximumReservedByteCount = 64 * 1024

    /// Works off as much of `bytes` as can be and returns how many bytes that was. What is left begins with an
    /// incomplete head, or with a request that has to wait.
    mutating func process(_ bytes: UnsafeRawBufferPointer, _ services: inout ConnectionServices) -> Int {
        if phase.isOver {
            // There may still be half a head, whose parser must not get to other connections. The bytes are dropped,
            // but must have been read before the socket is closed.
            needsLingering = true
            return bytes.count
        }
        // While a request is incomplete the connection has a parser of its own; put it to work in the usual place.
        if ownsParser {
            swap(&parser, &services.parser)
            ownsParser = false
        }
        var offset = 0
        var isAdvancing = true
        let beganWithHead = phase.isHead
        isDeferred = false
        // One that was complete when its turn had had enough.
        if phase == .body(remaining: 0) { completeBody(&services) }
        while isAdvancing, !isDeferred, offset < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[offset...])
            switch phase {
            case .head:
                guard output.count < services.configuration.outputHighWaterByteCount, !output.hasAttachment else {
                    isAdvancing = false
                    continue
                }
                guard takeStep(&services) else { continue }
                let used = unsafe processHead(rest, &services)
                isAdvancing = used > 0
                offset += used
            case .body, .chunkedBody, .discarding, .discardingChunks, .streaming, .streamingChunks:
                offset += unsafe processBody(rest, &services)
            case .suspended, .closing, .lingering, .closed:
                isAdvancing = false
            }
        }
        let hasRest = offset < bytes.count
        if beganWithHead, hasRest || !phase.isHead { presumeFlood(&services) }
        // What came behind the last request is never looked at, but must be read before the socket is closed.
        if phase == .closing, hasRest { needsLingering = true }
        keepParserIfNeeded(&services, hasRest: hasRest)
        return phase == .closing ? bytes.count : offset
    }

    /// Bytes of a body. Returns how many belong to it. Out of line, so that it does not weigh on requests without one.
    @inline(never)
    private mutating func processBody(_ bytes: UnsafeRawBufferPointer, _ services: inout ConnectionServices) -> Int {
        switch phase {
        case .body(let remaining):
            let used = min(remaining, bytes.count)
            if body.capacity == 0 { body.reserve(min(remaining, Connection.maximumReservedByteCount)) }
            unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[..<used]))
            transferred += used
            phase = .body(remaining: remaining - used)
            if used == remaining { completeBody(&services) }
            return used
        case .discarding(let remaining):
            let used = min(remaining, bytes.count)
            phase = used == remaining ? .head : .discarding(remaining: remaining - used)
            return used
        case .chunkedBody, .discardingChunks:
            return unsafe processChunks(bytes, &services)
        case .streaming(let remaining):
            return unsafe takeStreamed(bytes, remaining: remaining, services.configuration)
        case .streamingChunks:
            return unsafe takeStreamedChunks(bytes, &services)
        case .head, .suspended, .closing, .lingering, .closed:
            preconditionFailure("no body is on its way")
        }
    }

    /// One head and, when all of it is there, its body. Returns 0 when the head is incomplete.
    private mutating func processHead(_ bytes: UnsafeRawBufferPointer, _ services: inout ConnectionServices) -> Int {
        switch unsafe services.parser.parse(RawSpan(_unsafeBytes: bytes)) {
        case .needsMore:
            return 0
        case .rejected(let rejection):
            reject(rejection, &services)
            return bytes.count
        case .complete:
            break
        }
        let headCount = services.parser.head.byteCount
        let head = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<headCount])
        services.requestCount += 1
        requestCount += 1
        plan = unsafe listener._withUnsafeGuaranteedRef { listener in
            unsafe listener.application.plan(for: services.parser.head, bytes: RawSpan(_unsafeBytes: head))
        }
        switch services.parser.head.framing {
        case .none, .length(0):
            unsafe respond(head: head, body: UnsafeRawBufferPointer(start: nil, count: 0), &services)
            return headCount
        case let framing where plan.body == .streamed:
            unsafe beginStreamedBody(framing, head: head, &services)
            return headCount
        case .length(let count)
        where plan.body == .collected && count <= min(plan.maximumBodyByteCount, bytes.count - headCount):
            // The whole body is here: the handler reads it where it was received.
            let body = unsafe UnsafeRawBufferPointer(rebasing: bytes[headCount..<headCount + count])
            unsafe respond(head: head, body: body, &services)
            return headCount + count
        case let framing:
            unsafe beginBody(framing, head: head, hasBytes: bytes.count > headCount, &services)
            return headCount
        }
    }

    /// Prepares for a body that comes in pieces, or that nobody wants.
    private mutating func beginBody(
        _ framing: BodyFraming, head: UnsafeRawBufferPointer, hasBytes: Bool, _ services: inout ConnectionServices
    ) {
        var length: Int?
        if case .length(let count) = framing { length = count }
        decoder = ChunkedDecoder()
        guard plan.body == .collected else {
            return unsafe respond(beforeBody: length, head: head, &services)
        }
        if let length, length > plan.maximumBodyByteCount { return reject(.bodyTooLarge, &services) }
        unsafe headBytes.append(head)
        phase = length.map { .body(remaining: $0) } ?? .chunkedBody
        if services.parser.head.expectsContinue, !hasBytes {
            takeOutputBuffer(&services)
            output.append("HTTP/1.1 100 Continue\r\n\r\n")
        }
    }

    private mutating func processChunks(_ bytes: UnsafeRawBufferPointer, _ services: inout ConnectionServices) -> Int {
        let span = unsafe RawSpan(_unsafeBytes: bytes)
        let isWanted = phase == .chunkedBody
        let limit = isWanted ? plan.maximumBodyByteCount : services.configuration.maximumDiscardedByteCount
        var offset = 0
        while true {
            guard takeStep(&services) else { return offset }
            let event =
                isWanted
                ? decoder.decode(span, from: offset, collectingTrailersIn: &headBytes)
                : decoder.decode(span, from: offset)
            switch event {
            case .data(let start, let end):
                offset = end
                transferred += end - start
                let received = (isWanted ? body.count : discarded) + end - start
                guard received <= limit else {
                    return giveUp(.bodyTooLarge, isWanted: isWanted, bytes.count, &services)
                }
                if isWanted {
                    unsafe body.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
                } else {
                    discarded = received
                }
            case .needsMore:
                return bytes.count
            case .end(let next):
                if isWanted { completeBody(&services) } else { phase = .head }
                return next
            case .rejected(let rejection):
                return giveUp(rejection, isWanted: isWanted, bytes.count, &services)
            }
        }
    }

    /// A body that cannot be read to its end: an error if it was not answered yet, and the end of the connection.
    private mutating func giveUp(
        _ rejection: Rejection, isWanted: Bool, _ used: Int, _ services: inout ConnectionServices
    ) -> Int {
        if isWanted {
            reject(rejection, &services)
        } else {
            phase = .closing
            needsLingering = true
        }
        return used
    }

    /// All of the body is there: the handler is called, now or in a later turn.
    private mutating func completeBody(_ services: inout ConnectionServices) {
        guard takeBodyStep(&services) else {
            phase = .body(remaining: 0)
            return
        }
        // `respond` leaves both buffers alone; they are given up after it.
        unsafe respond(head: headBytes.unsafeBytes, body: body.unsafeBytes, &services)
        headBytes = ByteBuffer()
        body = ByteBuffer()
    }

    /// Lets the application answer the request whose head the reactor's parser holds.
    mutating func respond(
        head: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer, rest: BodyRest = .short,
        _ services: inout ConnectionServices
    ) {
        takeOutputBuffer(&services)
        clientKeepsAlive = services.parser.head.keepsAlive
        let (listener, responder) = unsafe (listener, plan.responder.take())
        let outcome = unsafe listener._withUnsafeGuaranteedRef { listener in
            let request = unsafe IncomingRequest(
                head: services.parser.head, route: plan.route,
                keepsAlive: mayKeepAlive(&services), bodyRest: rest, headBytes: head, bodyBytes: body, token: token,
                peer: peer, mailbox: services.mailbox)
            if let responder { return responder.respond(to: request, date: services.date, output: &output) }
            return listener.application.respond(to: request, date: services.date, output: &output)
        }
        switch outcome {
        case .answered(let goesOn): finishRequest(keepsAlive: goesOn)
        case .suspended(let exchange):
            phase = .suspended
            self.exchange = exchange
            // The handler writes where the answer would have been written here.
            if output.isEmpty, exchange.output.isEmpty { swap(&output, &exchange.output) }
        }
        services.parser.reset()
    }

    /// Whether another request may follow the one that the reactor's parser holds.
    private func mayKeepAlive(_ services: inout ConnectionServices) -> Bool {
        services.parser.head.keepsAlive && !services.isDraining
            && requestCount < services.configuration.maximumRequestsPerConnection
    }

    /// The answer stands in the output: on to the next request, or to the end.
    mutating func finishRequest(keepsAlive: Bool) {
        phase = keepsAlive ? .head : .closing
        // A client that does not know of the end may be sending its next request.
        if !keepsAlive, clientKeepsAlive { needsLingering = true }
    }

    /// Answers a request that cannot be served and closes: what follows it cannot be trusted.
    mutating func reject(_ rejection: Rejection, _ services: inout ConnectionServices) {
        let peer = peer
        services.log.write(second: services.date.unixSeconds) {
            let peer = peer?.description ?? "a client that is gone"
            return "\(rejection.status) to \(peer): \(rejection.reason)"
        }
        takeOutputBuffer(&services)
        output.appendRejection(rejection, date: services.date)
        services.parser.reset()
        services.freedByteCount += headBytes.capacity + body.capacity
        headBytes = ByteBuffer()
        body = ByteBuffer()
        phase = .closing
        needsLingering = true
    }

    /// Borrows a buffer for answers, unless the connection has one.
    mutating func takeOutputBuffer(_ services: inout ConnectionServices) {
        if output.capacity == 0 { services.buffers.lend(to: &output) }
    }

    /// An incomplete head, or one whose body is awaited, stays in a parser of the connection's own.
    private mutating func keepParserIfNeeded(_ services: inout ConnectionServices, hasRest: Bool) {
        switch phase {
        case .head where hasRest: break
        case .body, .chunkedBody: break
        default: return
        }
        swap(&parser, &services.parser)
        ownsParser = true
    }
}

extension ByteBuffer {
    /// Appends an error answer that is the connection's last, with a sentence for the person at the other end.
    fileprivate mutating func appendRejection(_ rejection: Rejection, date: borrowing DateField) {
        let reason = rejection.reason
        appendHead(
            status: rejection.status, date: date, contentType: "text/plain; charset=utf-8",
            contentLength: reason.utf8CodeUnitCount + 1, connection: .close)
        append(reason)
        append("\n")
    }
}
