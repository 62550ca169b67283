import HTTP1
import HTTPCore

// Responses that do not wait for the body of their request.
extension HTTP1Connection {
    /// Calls the handler before the body, which has `length` bytes, or is chunked if `length` is nil.
    mutating func respond(
        beforeBody length: Int?, head: UnsafeRawBufferPointer, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        expectsContinue = context.http1.parser.expectsContinue
        let rest = remainingBody(length, context.configuration)
        unsafe respond(head: head, body: UnsafeRawBufferPointer(start: nil, count: 0), rest: rest, &transport, &context)
        guard let exchange else { return discardBody(length, goesOn: transport.isOpen, &transport, &context) }
        // Even if the handler does not read the body: its bytes wait, and are discarded after the response.
        exchange.body.isComplete = false
        passedByteCount = 0
        phase = length.map { .streaming(remaining: $0) } ?? .streamingChunks
    }

    /// Returns what would remain of the body if the response ended now, with `length` bytes not received yet, or nil
    /// for an unknown number.
    func remainingBody(_ length: Int?, _ configuration: borrowing ConnectionConfiguration) -> RemainingBody {
        if expectsContinue { return .unrequested }
        return (length ?? 0) <= configuration.buffers.maximumDiscardedByteCount ? .short : .long
    }

    /// Discards the rest of a body after the response, or closes the connection if that rest is long or may never be
    /// sent.
    mutating func discardBody(
        _ length: Int?, goesOn: Bool, _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        if goesOn, remainingBody(length, context.configuration) == .short {
            phase = length.map { .discarding(remaining: $0) } ?? .discardingChunks
        } else {
            transport.finish(lingers: true)
        }
        // Trailers are discarded with the body.
        headBytes = ByteBuffer()
        passedByteCount = 0
        expectsContinue = false
    }

    /// Sends 100 (Continue), for which the client waits before it sends the body (RFC 9110 section 10.1.1).
    func sendContinue(_ transport: inout Transport, _ context: inout ReactorContext) {
        transport.borrowOutput(&context)
        transport.output.last.append("HTTP/1.1 100 Continue\r\n\r\n")
    }
}

extension Exchange {
    /// How much of the body has not been received. A thread may read an older, more cautious value: then the response
    /// says that the connection closes, and it does.
    final var remainingBody: RemainingBody {
        get { RemainingBody(rawValue: requestState) ?? .unrequested }
        set { requestState = newValue.rawValue }
    }
}
