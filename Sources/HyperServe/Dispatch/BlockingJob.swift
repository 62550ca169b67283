import HTTPCore
import Reactor
import ThreadPool

/// A request for a thread of the pool: a copy of the request, and the exchange that takes the response.
final class BlockingJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: one thread at a time has a job.
    private let dispatcher: Dispatcher
    private let copy: RequestCopy
    /// Takes the response, and provides the body if the handler reads it as it arrives.
    private let exchange: Exchange

    init(
        copying request: borrowing IncomingRequest, dispatcher: Dispatcher, exchange: Exchange
    ) {
        self.dispatcher = dispatcher
        self.exchange = exchange
        copy = RequestCopy(request)
    }

    override func run() {
        perform(isDiscarded: false)
    }

    override func discard() {
        // The reactors have ended, and with them the connection.
        perform(isDiscarded: true)
    }

    private func perform(isDiscarded: Bool) {
        // `copy` lives as long as this job, which is longer than the request made of it.
        let incoming = unsafe copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: true)
        // The request may have timed out, or its client disconnected, before a thread was free.
        let isOver = isDiscarded || exchange.isOver
        let response = isOver ? dispatcher.refuse(request, &context) : dispatcher.run(request, &context)
        let written = respond(response)
        if written.isReplaced || context.isObserved {
            dispatcher.didSend(response, written, to: request, context)
        }
    }

    /// Sends the response. Returns what the client gets.
    private func respond(_ response: Response) -> WrittenResponse {
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        if let stream = response.stream { return respond(response.head, stream, date) }
        let byteCount = min(response.content.byteCount, OutputQueue.sharedByteCount)
        var output = OutputQueue(ByteBuffer(capacity: 512 + byteCount))
        let responded = exchange.encode(response.head, response.content, date: date, into: &output)
        return finish(output, responded)
    }

    private func respond(
        _ head: ResponseHead, _ stream: ResponseStream, _ date: borrowing DateField
    ) -> WrittenResponse {
        var output = ByteBuffer(capacity: 1024)
        guard stream.isLengthValid, case .blocking(let produce) = stream.producer else {
            let responded = exchange.encodeFailure(date: date, into: &output)
            return finish(OutputQueue(output), responded, bodyByteCount: 0)
        }
        let begun = exchange.begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date, into: &output)
        guard let body = begun.body else { return finish(OutputQueue(output), begun.responded, bodyByteCount: 0) }
        let writer = BlockingResponseWriter(exchange, StreamedBody(stream, body), head: output)
        do {
            try produce(writer)
            let end = try writer.takeEnd()
            return finish(OutputQueue(end), begun.responded, bodyByteCount: writer.byteCount)
        } catch {
            if exchange.endsStream(error), let end = try? writer.takeEnd() {
                return finish(OutputQueue(end), begun.responded, bodyByteCount: writer.byteCount)
            }
            dispatcher.reportAborted(error, isServerClosing: exchange.isServerClosing)
            let rest = OutputQueue(writer.takeRest())
            let replacement = exchange.takeReplacement()
            exchange.abort(rest)
            return WrittenResponse(
                isReplaced: begun.responded.isReplaced, replacement: replacement, streamedByteCount: writer.byteCount)
        }
    }

    /// Ends the exchange. Returns what the client gets.
    private func finish(
        _ output: consuming OutputQueue, _ responded: Responded, bodyByteCount: Int? = nil
    ) -> WrittenResponse {
        let replacement = exchange.takeReplacement()
        exchange.finish(output, responded)
        return WrittenResponse(
            isReplaced: responded.isReplaced, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
