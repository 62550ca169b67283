import HTTP1
import HTTPCore

// Requests and connections that the protocol refuses.
extension HTTP1Connection {
    /// Refuses the connection because there are too many.
    mutating func refuse(_ transport: inout Transport, _ context: inout ReactorContext) {
        reject(.tooManyConnections, &transport, &context)
    }

    /// Sends an error response and ends the connection: where the next request begins is uncertain.
    mutating func reject(_ rejection: Rejection, _ transport: inout Transport, _ context: inout ReactorContext) {
        unsafe reject(rejection, head: nil, &transport, &context)
    }

    /// Does the same.
    ///
    /// - Parameter head: the bytes of the head that the reactor's parser holds, if it is complete and not copied yet.
    mutating func reject(
        _ rejection: Rejection, head: UnsafeRawBufferPointer?, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        let peer = transport.peer
        let detail = "\(rejection.reason)\(rejection == .bodyTooLarge ? bodyLimit : "")"
        // The others are the client's fault.
        let level: LogLevel = [.handlerTimeout, .tooManyConnections].contains(rejection) ? .warning : .info
        let log = context.log
        let application = unsafe listener._withUnsafeGuaranteedRef { $0.application }
        let response = unsafe withRequestHead(head, &context) { head, bytes in
            log.write(level) {
                let message =
                    rejection == .handlerTimeout
                    ? "a handler has not responded within its time limit" : "a request was rejected: \(detail)"
                var entry = LogEntry(level, message, fields: ["status": "\(rejection.status)"])
                entry.peer = peer
                if let head {
                    entry.method = head.method(in: bytes)
                    entry.fields["path"] = .string(head.path.isEmpty ? "/" : String(decoding: bytes, in: head.path))
                    entry.routePattern = application.routePattern(of: head, bytes: bytes)
                }
                return entry
            }
            return application.errorResponse(Status(known: rejection.status), detail: detail, to: head, bytes: bytes)
        }
        let encoder = ResponseEncoder(isHead: isRequestHead(&context), minorVersion: 1, keepsAlive: false)
        transport.borrowOutput(&context)
        _ = encoder.encode(response.head, response.content, date: context.date, into: &transport.output)
        context.http1.parser.reset()
        context.freedByteCount += headBytes.capacity + body.capacity
        headBytes = ByteBuffer()
        body = ByteBuffer()
        transport.finish(lingers: true)
    }

    /// The end of a sentence about a body that is too large: the limit, and the setting that it comes from.
    private var bodyLimit: String {
        let name = unsafe listener._withUnsafeGuaranteedRef {
            $0.application.bodyLimitName(plan.bodyLimitTag)
        }
        return ": more than \(plan.maximumBodyByteCount) bytes, the limit that \(name) sets"
    }

    /// Calls `body` with the head of the request and its bytes, or with nil if the connection has no complete head.
    ///
    /// - Parameter head: as for `reject`.
    private func withRequestHead<Result>(
        _ head: UnsafeRawBufferPointer?, _ context: inout ReactorContext,
        _ body: (_ head: RequestHead?, _ bytes: RawSpan) -> Result
    ) -> Result {
        var result: Result?
        if let exchange {
            exchange.withRequestHead { head, bytes in result = body(head, bytes) }
        } else if let head = unsafe head {
            // Valid until `process` returns, as the caller says.
            result = body(context.http1.parser.head, unsafe RawSpan(_unsafeBytes: head))
        } else if isCollectingBody {
            let head = ownsParser ? parser.head : context.http1.parser.head
            headBytes.withBytes { bytes in result = body(head, bytes) }
        }
        return result ?? body(nil, RawSpan())
    }

    /// Whether `headBytes` begins with the head of the request.
    private var isCollectingBody: Bool {
        switch phase {
        case .body, .chunkedBody: true
        default: false
        }
    }

    /// Whether the request is HEAD, as far as it was received.
    private func isRequestHead(_ context: inout ReactorContext) -> Bool {
        if let exchange { return exchange.ticket.encoder.isHead }
        return (ownsParser ? parser.head.method : context.http1.parser.head.method) == .head
    }
}

extension String {
    /// Decodes a part of a head as UTF-8; malformed parts become U+FFFD.
    fileprivate init(decoding bytes: RawSpan, in range: ByteRange) {
        // The bytes are used during the call only.
        self = unsafe bytes.withUnsafeBytes {
            unsafe String(decoding: $0[range.lowerBound..<range.upperBound], as: UTF8.self)
        }
    }
}
