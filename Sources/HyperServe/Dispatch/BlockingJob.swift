import HTTPCore
import Reactor
import ThreadPool

/// A request for a thread of the pool.
final class BlockingJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: one thread at a time has a job.
    private let dispatcher: Dispatcher
    /// Has the request, takes the response, and provides the body if the handler reads it as it arrives.
    private let exchange: BlockingExchange

    init(dispatcher: Dispatcher, exchange: BlockingExchange) {
        self.dispatcher = dispatcher
        self.exchange = exchange
    }

    override func run() {
        perform(isDiscarded: false)
    }

    override func discard() {
        // The reactors have ended, and with them the connection.
        perform(isDiscarded: true)
    }

    private func perform(isDiscarded: Bool) {
        // The copy lives as long as the exchange, and so as this job, which is longer than the request made of it.
        let incoming = unsafe exchange.copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: true)
        // The request may have timed out, or its client disconnected, before a thread was free.
        let isOver = isDiscarded || exchange.isOver
        let response = isOver ? dispatcher.refuse(request, &context) : dispatcher.run(request, &context)
        let written = respond(response, to: request)
        if written.failureByteCount != nil || context.isObserved {
            dispatcher.didSend(response, written, to: request, context)
        }
    }

    /// Sends the response. Returns what the client gets.
    private func respond(_ response: Response, to request: borrowing Request) -> WrittenResponse {
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        if let stream = response.stream { return respond(response.head, stream, to: request, date) }
        let byteCount = min(response.content.byteCount, OutputQueue.sharedByteCount)
        var output = OutputQueue(ByteBuffer(capacity: 512 + byteCount))
        let responded = exchange.encode(response.head, response.content, date: date, into: &output)
        return responded.isReplaced ? fail(request, date) : finish(output, responded)
    }

    private func respond(
        _ head: ResponseHead, _ stream: ResponseStream, to request: borrowing Request, _ date: borrowing DateField
    ) -> WrittenResponse {
        guard stream.isLengthValid, case .blocking(let produce) = stream.producer else { return fail(request, date) }
        var output = ByteBuffer(capacity: 1024)
        let begun = exchange.begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date, into: &output)
        if begun.responded.isReplaced { return fail(request, date) }
        guard let body = begun.body else { return finish(OutputQueue(output), begun.responded, bodyByteCount: 0) }
        let writer = BlockingResponseWriter(exchange, StreamedBody(stream, body), head: output)
        do {
            try produce(writer)
            let end = try writer.takeEnd()
            return finish(OutputQueue(end), begun.responded, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            let rest = OutputQueue(writer.takeRest())
            let replacement = exchange.takeReplacement()
            exchange.abort(rest)
            return WrittenResponse(replacement: replacement, streamedByteCount: writer.byteCount)
        }
    }

    /// Sends a 500 in place of a response that can't be sent. Returns what the client gets.
    @inline(never)
    private func fail(_ request: borrowing Request, _ date: borrowing DateField) -> WrittenResponse {
        let failure = dispatcher.failure(of: request)
        var output = OutputQueue()
        let responded = exchange.encodeFailure(failure.head, failure.content, date: date, into: &output)
        var written = finish(output, responded)
        written.failureByteCount = failure.content.byteCount
        return written
    }

    /// Ends the exchange. Returns what the client gets.
    private func finish(
        _ output: consuming OutputQueue, _ responded: Responded, bodyByteCount: Int? = nil
    ) -> WrittenResponse {
        let replacement = exchange.takeReplacement()
        exchange.finish(output, responded)
        return WrittenResponse(replacement: replacement, streamedByteCount: bodyByteCount)
    }
}

/// The exchange of a request for a thread of the pool, with a copy of the request.
final class BlockingExchange: Exchange, @unchecked Sendable {
    // `@unchecked Sendable`: nothing changes the copy.
    let copy: RequestCopy

    init(copying request: borrowing IncomingRequest, isBodyStreamed: Bool) {
        copy = RequestCopy(request)
        super.init(ticket: request.ticket, isBlocking: true, isBodyStreamed: isBodyStreamed)
    }

    override func withRequestHead(_ body: (_ head: RequestHead, _ bytes: RawSpan) -> Void) { copy.withHead(body) }
}
