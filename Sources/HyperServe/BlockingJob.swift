import HTTP1
import Reactor
import ThreadPool

/// A request on its way through the thread pool: a copy of all that the handler may ask for, and where to respond.
final class BlockingJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: one thread at a time has a job.
    private var encoder: ResponseEncoder
    private let dispatcher: Dispatcher
    private let copy: RequestCopy
    /// Where the response goes, and the body comes from if the handler reads it as it comes.
    private let exchange: Exchange

    init(
        copying request: borrowing IncomingRequest, encoder: ResponseEncoder, dispatcher: Dispatcher,
        exchange: Exchange
    ) {
        self.encoder = encoder
        self.dispatcher = dispatcher
        self.exchange = exchange
        copy = RequestCopy(request)
    }

    override func run() {
        // `copy` lives as long as this job, which is longer than the request made of it.
        let incoming = unsafe copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: true)
        // Its time may be over, or its client gone, before there was a thread for it.
        let response = exchange.isOver ? dispatcher.refuse(request, &context) : dispatcher.run(request, &context)
        let sent = respond(response, to: request)
        if context.isObserved { context.report(sent, to: request) }
    }

    override func discard() {
        // The reactors are gone, and with them whoever waited for this.
        _ = exchange.takeReplacement()
        exchange.finish(ByteBuffer(), keepsAlive: nil)
    }

    private func respond(_ response: Response, to request: borrowing Request) -> SentResponse {
        encoder.bodyRest = exchange.bodyRest
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        if case .stream(let stream) = response.body { return respond(response, stream, to: request, date) }
        var output = ByteBuffer(capacity: 512 + min(response.body.byteCount ?? 0, ByteBuffer.attachmentByteCount))
        let encoded = dispatcher.encode(response, to: request, encoder, date: date, into: &output)
        return finish(output, response, encoded)
    }

    private func respond(
        _ response: Response, _ stream: ResponseStream, to request: borrowing Request, _ date: borrowing DateField
    ) -> SentResponse {
        guard case .blocking(let produce) = stream.producer else {
            dispatcher.log?("500: a blocking handler responded with an async stream")
            return respond(.status(.internalServerError), to: request)
        }
        var output = ByteBuffer(capacity: 1024)
        let start = encoder.beginStream(response, stream, date: date, into: &output)
        guard let framer = start.framer else {
            if start.head.isReplaced { dispatcher.reportInvalidField(of: response, to: request) }
            return finish(output, response, start.head, bodyByteCount: 0)
        }
        let writer = BlockingResponseWriter(exchange, framer, head: output)
        do {
            try produce(writer)
            let end = try writer.takeEnd()
            return finish(end, response, start.head, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(
                writer.takeRest(), response, start.head, bodyByteCount: writer.byteCount, isBrokenOff: true)
        }
    }

    /// The thread's last word. Returns what the client got.
    private func finish(
        _ output: consuming ByteBuffer, _ response: Response, _ encoded: EncodedResponse,
        bodyByteCount: Int? = nil, isBrokenOff: Bool = false
    ) -> SentResponse {
        let replacement = exchange.takeReplacement()
        exchange.finish(output, keepsAlive: isBrokenOff ? nil : encoded.keepsAlive)
        return replacement.map { SentResponse(replacedBy: $0) }
            ?? encoder.sent(response, encoded, bodyByteCount: bodyByteCount)
    }
}
