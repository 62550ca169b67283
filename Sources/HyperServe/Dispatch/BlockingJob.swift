import HTTPCore
import Reactor
import ThreadPool

/// A request for a thread of the pool.
final class BlockingJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: one thread at a time has a job, and then perhaps its exchange's task.
    private let dispatcher: Dispatcher
    /// Has the request, takes the response, and provides the body if the handler reads it as it arrives.
    private let exchange: BlockingExchange
    /// The response that a task on the reactor streams after the job has run.
    private var pending: PendingResponse?

    init(dispatcher: Dispatcher, exchange: BlockingExchange) {
        self.dispatcher = dispatcher
        self.exchange = exchange
    }

    override func run() {
        perform(isDiscarded: false)
    }

    override func discard(_ reason: ThreadPool.DiscardReason) {
        // It has waited for too long. Or the reactors have ended, and with them the connection.
        perform(isDiscarded: true)
    }

    private func perform(isDiscarded: Bool) {
        // The copy lives as long as the exchange, and so as this job, which is longer than the request made of it.
        let incoming = unsafe exchange.copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        var context = RequestContext(dispatcher, request, isOnPool: true)
        // The request may have timed out, or its client disconnected, before a thread was free.
        let isOver = isDiscarded || exchange.isOver
        let response = isOver ? dispatcher.refuse(request, &context) : dispatcher.run(request, &context)
        if let stream = response.stream, !stream.isBlocking {
            pending = PendingResponse(response: response, context: context)
            return exchange.ticket.actor.startRemotely(exchange) { actor in
                await ServerTask.$lifecycle.withValue(self.dispatcher.lifecycle) { await self.stream(on: actor) }
            }
        }
        let written = respond(response, to: request, context)
        if written.failureByteCount != nil || context.isObserved {
            dispatcher.didSend(response, written, to: request, context)
        }
    }

    /// Streams the response in the exchange's task.
    private func stream(on actor: isolated ReactorActor) async {
        actor.enter()
        guard let pending = pending.take() else { return }
        // Valid as long as the exchange, as above.
        let incoming = unsafe exchange.copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        let written = await stream(pending.response, to: request, pending.context)
        if written.failureByteCount != nil || pending.context.isObserved {
            dispatcher.didSend(pending.response, written, to: request, pending.context)
        }
    }

    private nonisolated(nonsending) func stream(
        _ response: Response, to request: borrowing Request, _ context: borrowing RequestContext
    ) async -> WrittenResponse {
        // After the end of the exchange the connection no longer owns the output, and this may run on another thread.
        guard let stream = response.stream, !exchange.isOver else {
            return WrittenResponse(replacement: exchange.conclude(nil))
        }
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        var (responded, byteCount): (Responded?, Int) = (nil, 0)
        switch exchange.begin(response.head, stream, date: date) {
        case .complete(let complete): responded = complete
        case .invalid: return exchange.fail(request, date: date, dispatcher)
        case .body(let body): (responded, byteCount) = await exchange.produce(body, of: request, context, dispatcher)
        }
        return WrittenResponse(replacement: exchange.conclude(responded), streamedByteCount: byteCount)
    }

    /// Sends the response. Returns what the client gets.
    private func respond(
        _ response: Response, to request: borrowing Request, _ context: borrowing RequestContext
    ) -> WrittenResponse {
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        if let stream = response.stream { return respond(response.head, stream, date, to: request, context) }
        let byteCount = min(response.content.byteCount, OutputQueue.sharedByteCount)
        var output = OutputQueue(ByteBuffer(capacity: 512 + byteCount))
        let responded = exchange.encode(response.head, response.content, date: date, into: &output)
        return responded.isReplaced ? fail(request, date) : finish(output, responded)
    }

    private func respond(
        _ head: ResponseHead, _ stream: ResponseStream, _ date: borrowing DateField, to request: borrowing Request,
        _ context: borrowing RequestContext
    ) -> WrittenResponse {
        guard stream.isLengthValid, case .blocking(let produce) = stream.producer else { return fail(request, date) }
        var output = ByteBuffer(capacity: 1024)
        let begun = exchange.begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date, into: &output)
        if begun.responded.isReplaced { return fail(request, date) }
        guard let body = begun.body else { return finish(OutputQueue(output), begun.responded, bodyByteCount: 0) }
        let writer = BlockingResponseWriter(exchange, StreamedBody(stream, body), head: output)
        do {
            do { try produce(writer) } catch  where exchange.endsStream(error) {}
            let end = try writer.takeEnd()
            return finish(OutputQueue(end), begun.responded, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error, isServerClosing: exchange.isServerClosing, of: request, context)
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
