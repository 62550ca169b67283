import HTTP1
import HTTPCore

// Answers that do not wait for the body of their request.
extension HTTP1Connection {
    /// Calls the handler before the body is there, of which `length` bytes are to come, or an unknown number in chunks.
    mutating func respond(
        beforeBody length: Int?, head: UnsafeRawBufferPointer, _ transport: inout Transport,
        _ context: inout ReactorContext
    ) {
        expectsContinue = context.parser.head.expectsContinue
        let rest = remainingBody(length, context.configuration)
        unsafe respond(head: head, body: UnsafeRawBufferPointer(start: nil, count: 0), rest: rest, &transport, &context)
        guard let exchange else { return discardBody(length, goesOn: transport.isOpen, &transport, &context) }
        // Also where the handler does not read the body: what comes of it waits, and goes when the response is there.
        exchange.body.isComplete = false
        passedByteCount = 0
        phase = length.map { .streaming(remaining: $0) } ?? .streamingChunks
    }

    /// What an answer that is given now leaves of a body of which `length` bytes are to come.
    func remainingBody(_ length: Int?, _ configuration: borrowing ConnectionConfiguration) -> RemainingBody {
        if expectsContinue { return .unrequested }
        return (length ?? 0) <= configuration.buffers.maximumDiscardedByteCount ? .short : .long
    }

    /// The request is answered, and its body was not read to the end. What is to come of it is thrown away; or the
    /// connection closes, when that is long or in doubt.
    mutating func discardBody(
        _ length: Int?, goesOn: Bool, _ transport: inout Transport, _ context: inout ReactorContext
    ) {
        if goesOn, remainingBody(length, context.configuration) == .short {
            phase = length.map { .discarding(remaining: $0) } ?? .discardingChunks
        } else {
            transport.finish(lingers: true)
        }
        // What there is of trailers goes with the body.
        headBytes = ByteBuffer()
        passedByteCount = 0
        expectsContinue = false
    }
}
