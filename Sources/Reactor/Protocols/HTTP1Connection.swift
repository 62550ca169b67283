import HTTP1
import HTTPCore

/// HTTP/1.1 on one connection: heads and bodies come in, requests go to the application one at a time, responses go to
/// the transport's output.
///
/// Bytes are parsed where they were received. Only what cannot be consumed at once is copied: an incomplete head, a
/// body that comes in pieces, requests after one that has no response yet.
struct HTTP1Connection: ~Copyable {
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
        /// Part of a body that the handler reads as it comes.
        case streaming(remaining: Int)
        case streamingChunks
        /// Nothing that is looked at before the handler has responded.
        case suspended

        /// Shorter than a comparison, which looks at what comes with the cases too.
        var isHead: Bool { if case .head = self { true } else { false } }

        /// Whether the body is dropped as it comes, after the response.
        var isDiscarding: Bool {
            switch self {
            case .discarding, .discardingChunks: true
            default: false
            }
        }
    }

    var phase = Phase.head
    /// What is to be done about the request whose body comes in.
    var plan = RequestPlan(route: 0, maximumBodyByteCount: 0, body: .ignored)
    /// Responds to that request, if its body is collected.
    var responder: (any Application)?
    /// Used while a head or a body is incomplete, with `ownsParser`; in between the reactor's parser is.
    var parser: RequestParser
    var ownsParser = false
    var decoder = ChunkedDecoder()
    /// The head of the request whose body comes in, if it is collected; then the trailers of the body as they come.
    var headBytes = ByteBuffer()
    var body = ByteBuffer()
    /// Bytes of the body so far that are not in `body`: of one that is streamed in chunks, or that nobody wants.
    var passedByteCount = 0
    /// Shared with a handler that does not run inline.
    var exchange: Exchange?
    /// The client waits to be told to send the body that the handler reads as it comes.
    var expectsContinue = false
    /// Whether the client wanted to keep the connection when it sent the last request.
    var clientKeepsAlive = false
    /// Requests that were begun.
    var requestCount = 0

    init(headLimits: HeadLimits) {
        // It changes places with the reactor's parser, so it has to have the same limits.
        parser = RequestParser(limits: headLimits)
    }

    /// Bytes of memory that go with the connection.
    var heldByteCount: Int { headBytes.capacity + body.capacity }

    /// Whether nothing of a request was received.
    func isIdle(_ transport: borrowing Transport) -> Bool {
        phase.isHead && !ownsParser && transport.input.isEmpty && transport.output.isEmpty && !transport.isSending
    }
}

// MARK: - What it waits for

extension HTTP1Connection {
    // Inlined, or Swift 6.3 would copy the whole connection to lend it.
    @inline(__always)
    func wait(_ transport: borrowing Transport, _ context: inout ReactorContext) -> Wait {
        switch phase {
        case .head where ownsParser || !transport.input.isEmpty: return .head
        case .head: return context.isDraining ? .lastRequest : .request
        case .body, .chunkedBody, .discarding, .discardingChunks: return .body
        case .streaming, .streamingChunks: return waitForStreamedBody(&context)
        case .suspended: return waitForHandler
        }
    }

    private var waitForHandler: Wait {
        exchange?.response.hasBegun ?? false ? .producer : .handler
    }

    /// The client has to keep up its rate while the handler reads; while it does not, nothing is asked of the client.
    private func waitForStreamedBody(_ context: inout ReactorContext) -> Wait {
        guard let exchange else { return .body }
        if exchange.body.isWanted, exchange.bodyBytes.count < context.configuration.buffers.streamHighWaterByteCount {
            return .body
        }
        return waitForHandler
    }

    /// Whether the handler has enough of its body to read; once it had, not before it has read half of it.
    func isBodyFull(isReceiving: Bool, _ context: inout ReactorContext) -> Bool {
        guard let exchange else { return false }
        let mark = context.configuration.buffers.streamHighWaterByteCount
        return exchange.bodyBytes.count >= (isReceiving ? mark : max(mark / 2, 1))
    }

    /// `wait` has taken too long: the client gets a response if it waits for one, or is sending a request.
    mutating func timedOut(_ wait: Wait, _ transport: inout Transport, _ context: inout ReactorContext) {
        switch wait {
        case .head:
            reject(.requestTimeout, &transport, &context)
        case .body where exchange != nil:
            abortRequest(.requestTimeout, .bodyTooSlow, &transport, &context)
        case .body where !phase.isDiscarding:
            reject(.requestTimeout, &transport, &context)
        case .handler:
            // Unless the response of a handler on another thread is on its way at this very moment.
            if let exchange, exchange.replace(by: Rejection.handlerTimeout.status) {
                reject(.handlerTimeout, &transport, &context)
            }
        case .producer:
            break
        case .request, .lastRequest, .body, .sending, .lingering:
            transport.fail()
        }
    }
}

// MARK: - How it ends

extension HTTP1Connection {
    /// The peer has sent its last byte: what is complete gets its response, what is not never will be.
    mutating func peerFinished(_ transport: inout Transport) {
        switch phase {
        case _ where !transport.isOpen || transport.share.isDeferred:
            return
        case .suspended:
            return
        case .head where !transport.input.isEmpty && (transport.isSending || !transport.output.isEmpty):
            // Complete requests may wait behind the responses under way; looked at again when those are out.
            return
        default:
            transport.finish(lingers: false)
        }
    }

    /// Ends the exchange when the connection is past the point where it could serve it.
    mutating func endExchangeIfOver(_ transport: borrowing Transport) {
        guard !transport.isOpen else { return }
        exchange?.end(.disconnected)
        exchange = nil
    }

    /// There are too many connections for this one.
    mutating func refuse(_ transport: inout Transport, _ context: inout ReactorContext) {
        reject(.tooManyConnections, &transport, &context)
    }

    /// Sends an error response and ends the connection: what follows the request cannot be trusted.
    mutating func reject(_ rejection: Rejection, _ transport: inout Transport, _ context: inout ReactorContext) {
        let peer = transport.peer
        context.log.write(second: context.date.unixSeconds) {
            let peer = peer?.description ?? "a client that is gone"
            return "\(rejection.status) to \(peer): \(rejection.reason)"
        }
        transport.borrowOutput(&context)
        transport.output.last.appendRejection(rejection, date: context.date)
        context.parser.reset()
        context.freedByteCount += headBytes.capacity + body.capacity
        headBytes = ByteBuffer()
        body = ByteBuffer()
        transport.finish(lingers: true)
    }

    /// The response is in the output: on to the next request, or to the end.
    mutating func finishRequest(keepsAlive: Bool, _ transport: inout Transport) {
        phase = .head
        // A client that does not know of the end may be sending its next request.
        if !keepsAlive { transport.finish(lingers: clientKeepsAlive) }
    }
}

extension ByteBuffer {
    /// Appends an error response that is the connection's last, with a sentence for the person at the other end.
    fileprivate mutating func appendRejection(_ rejection: Rejection, date: borrowing DateField) {
        let reason = rejection.reason
        appendHead(
            status: rejection.status, date: date, contentType: "text/plain; charset=utf-8",
            contentLength: reason.utf8CodeUnitCount + 1, connection: .close)
        append(reason)
        append("\n")
    }
}
