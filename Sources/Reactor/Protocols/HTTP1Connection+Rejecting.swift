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
        context.log.write(level) {
            var entry = LogEntry(level, "a request was rejected: \(detail)", fields: ["status": "\(rejection.status)"])
            entry.peer = peer
            return entry
        }
        let response = unsafe response(to: rejection, detail, head, &context)
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

    /// Returns the response of the application, which gets the head of the request if there is one.
    private func response(
        to rejection: Rejection, _ detail: String, _ head: UnsafeRawBufferPointer?, _ context: inout ReactorContext
    ) -> CompleteResponse {
        let application = unsafe listener._withUnsafeGuaranteedRef { $0.application }
        let status = Status(known: rejection.status)
        var response: CompleteResponse?
        if let exchange {
            exchange.withRequestHead { head, bytes in
                response = application.errorResponse(status, detail: detail, to: head, bytes: bytes)
            }
        } else if let head = unsafe head {
            // Valid until `process` returns, as the caller says.
            response = application.errorResponse(
                status, detail: detail, to: context.http1.parser.head, bytes: unsafe RawSpan(_unsafeBytes: head))
        } else if isCollectingBody {
            let head = ownsParser ? parser.head : context.http1.parser.head
            headBytes.withBytes { bytes in
                response = application.errorResponse(status, detail: detail, to: head, bytes: bytes)
            }
        }
        return response ?? application.errorResponse(status, detail: detail, to: nil, bytes: RawSpan())
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
