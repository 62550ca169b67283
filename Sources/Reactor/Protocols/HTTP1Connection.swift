import HTTP1
import HTTPCore

/// HTTP/1.1 on one connection. Parses heads and bodies, passes requests to the application one at a time, and writes
/// responses to the transport's output.
///
/// Bytes are parsed in the receive buffer. Only what cannot be consumed at once is copied: an incomplete head, a body
/// that is received in pieces, requests that follow one without a response.
@safe
struct HTTP1Connection: ~Copyable {
    /// What the next received byte belongs to.
    enum Phase: Equatable {
        /// Part of a request head, or the first byte of one.
        case head
        /// Part of a body that is collected, with this many bytes missing. With 0, its handler is called in the next
        /// turn.
        case body(remaining: Int)
        case chunkedBody
        /// Part of a body that is discarded.
        case discarding(remaining: Int)
        case discardingChunks
        /// Part of a body that the handler reads while it is received.
        case streaming(remaining: Int)
        case streamingChunks
        /// Part of a body that can't be read to its end, after which the handler's response is the last.
        case unreadable
        /// The next request, which waits for the response to this one.
        case suspended

        /// Cheaper than `==`, which compares associated values too.
        var isHead: Bool { if case .head = self { true } else { false } }

        /// Whether the rest of a body is discarded, after the response.
        var isDiscarding: Bool {
            switch self {
            case .discarding, .discardingChunks: true
            default: false
            }
        }
    }

    // Not retained for each request: the reactor keeps its listeners longer than their connections.
    /// The listener that accepted the connection, which knows the application that serves it.
    let listener: Unmanaged<ReactorListener>
    var phase = Phase.head
    /// The plan for the request whose body is being received.
    var plan = RequestPlan(route: 0, maximumBodyByteCount: 0, body: .ignored)
    /// The application that responds to that request, if its body is collected.
    var responder: (any Application)?
    /// The parser of an incomplete request, with `ownsParser`. All other requests use the reactor's parser.
    var parser: RequestParser
    var ownsParser = false
    var decoder = ChunkedDecoder()
    /// The head of a request whose body is collected, followed by the body's trailers as they are received. For other
    /// bodies, the trailers only.
    var headBytes = ByteBuffer()
    var body = ByteBuffer()
    /// Bytes received so far of a chunked body that is streamed or discarded.
    var passedByteCount = 0
    /// The exchange with a handler that does not run inline.
    var exchange: Exchange?
    /// Whether the client waits for 100 (Continue) before it sends the body.
    var expectsContinue = false
    /// Whether the client's last request allowed the connection to persist.
    var clientKeepsAlive = false
    /// The number of requests begun.
    var requestCount = 0

    init(headLimits: HeadLimits, listener: ReactorListener) {
        unsafe self.listener = .passUnretained(listener)
        // It is swapped with the reactor's parser, so it must have the same limits.
        parser = RequestParser(limits: headLimits)
    }

    /// Bytes of memory that are freed with the connection.
    var heldByteCount: Int { headBytes.capacity + body.capacity }

    /// Whether no byte of a request has been received.
    func isIdle(_ transport: borrowing Transport) -> Bool {
        phase.isHead && !ownsParser && transport.input.isEmpty && transport.output.isEmpty && !transport.isSending
    }
}

// MARK: - Waiting

extension HTTP1Connection {
    // Inlined; otherwise Swift 6.3 copies the whole connection to borrow it.
    @inline(__always)
    func wait(_ transport: borrowing Transport, _ context: inout ReactorContext) -> Wait {
        switch phase {
        case .head where ownsParser || !transport.input.isEmpty: return .head
        case .head: return context.isDraining ? .lastRequest : .request
        case .body, .chunkedBody, .discarding, .discardingChunks: return .body
        case .streaming, .streamingChunks: return waitForStreamedBody(&context)
        case .suspended, .unreadable: return waitForHandler
        }
    }

    private var waitForHandler: Wait {
        exchange?.response.hasBegun ?? false ? .producer : .handler
    }

    /// What a connection with a streamed body waits for. The client must keep up the minimum rate only while the
    /// handler wants more of the body.
    private func waitForStreamedBody(_ context: inout ReactorContext) -> Wait {
        guard let exchange else { return .body }
        if exchange.body.isWanted, exchange.bodyBytes.count < context.configuration.buffers.streamHighWaterByteCount {
            return .body
        }
        return waitForHandler
    }

    /// Returns whether the handler has enough unread bytes of the body. Once it had, receiving resumes only when it has
    /// read half of them.
    func isBodyFull(isReceiving: Bool, _ context: inout ReactorContext) -> Bool {
        guard let exchange else { return false }
        let mark = context.configuration.buffers.streamHighWaterByteCount
        return exchange.bodyBytes.count >= (isReceiving ? mark : max(mark / 2, 1))
    }

    /// Handles the end of the time limit for `wait`. A client that is sending a request or waits for a response gets an
    /// error response.
    mutating func timedOut(_ wait: Wait, _ transport: inout Transport, _ context: inout ReactorContext) {
        switch wait {
        case .head:
            reject(.requestTimeout, &transport, &context)
        case .body where exchange != nil:
            abortRequest(.requestTimeout, .bodyTooSlow, &transport, &context)
        case .body where !phase.isDiscarding:
            reject(.requestTimeout, &transport, &context)
        case .handler:
            // Unless a handler on another thread is sending its response at this moment.
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

// MARK: - The end

extension HTTP1Connection {
    /// Handles the peer's FIN: complete requests get their responses, of which only a stream of events ends with it,
    /// and an incomplete request gets none.
    mutating func peerFinished(_ transport: inout Transport) {
        switch phase {
        case _ where !transport.isOpen || transport.share.isDeferred:
            return
        case .suspended, .unreadable:
            // This is called again when the response begins.
            if let exchange, exchange.response.hasBegun, exchange.isEventStream { transport.finish(lingers: false) }
        case .head where !transport.input.isEmpty && (transport.isSending || !transport.output.isEmpty):
            // Complete requests may wait for the responses under way; this is called again once those are sent.
            return
        default:
            transport.finish(lingers: false)
        }
    }

    /// Ends the exchange if the connection can no longer send its response.
    mutating func endExchangeIfOver(_ transport: borrowing Transport) {
        guard !transport.isOpen else { return }
        exchange?.end(.disconnected)
        exchange = nil
    }

    /// Ends the exchange, if there is one, because the server closes the connection. Returns whether a request was in
    /// progress, whose handler was called or whose body was being received.
    mutating func cutOff() -> Bool {
        guard let exchange = exchange.take() else { return !phase.isHead && !phase.isDiscarding }
        exchange.end(.disconnected, status: Exchange.NoResponse.serverClosed)
        return true
    }

    /// Continues with the next request, or ends the connection, once the response is in the output.
    mutating func finishRequest(keepsAlive: Bool, _ transport: inout Transport) {
        phase = .head
        // A client that expects the connection to persist may be sending its next request.
        if !keepsAlive { transport.finish(lingers: clientKeepsAlive) }
    }
}

/// What the HTTP/1.1 connections of a reactor share.
struct HTTP1Resources: ~Copyable {
    /// Parses heads that arrive whole.
    var parser: RequestParser
    /// The last turn in which a collected body went to its handler, and the bytes of all such bodies in that turn.
    var bodyTurn: UInt32 = 0
    var bodyByteCount = 0

    init(headLimits: HeadLimits) { parser = RequestParser(limits: headLimits) }
}

extension Responded {
    /// Whether the connection stays open after the response.
    var keepsAlive: Bool {
        switch encoded {
        case .http1(let encoded): encoded.keepsAlive
        }
    }
}
