import HTTPCore
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
        perform(isDiscarded: false)
    }

    override func discard() {
        // The reactors are gone, and with them whoever waited for this.
        perform(isDiscarded: true)
    }

    private func perform(isDiscarded: Bool) {
        // `copy` lives as long as this job, which is longer than the request made of it.
        let incoming = unsafe copy.incoming(ticket: exchange.ticket)
        let request = Request(incoming, table: dispatcher.table, exchange: exchange)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: true)
        // Its time may be over, or its client gone, before there was a thread for it.
        let isOver = isDiscarded || exchange.isOver
        let response = isOver ? dispatcher.refuse(request, &context) : dispatcher.run(request, &context)
        let written = respond(response)
        if written.isReplaced || context.isObserved {
            dispatcher.conclude(response, written, encoder, to: request, context)
        }
    }

    private func respond(_ response: Response) -> WrittenResponse {
        encoder.bodyRest = exchange.bodyRest
        let date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        if case .stream(let stream) = response.body { return respond(response, stream, date) }
        let byteCount = min(response.body.byteCount ?? 0, OutputQueue.sharedByteCount)
        var output = OutputQueue(ByteBuffer(capacity: 512 + byteCount))
        let encoded = encoder.encode(response, date: date, into: &output)
        return finish(output, encoded)
    }

    private func respond(
        _ response: Response, _ stream: ResponseStream, _ date: borrowing DateField
    ) -> WrittenResponse {
        var output = ByteBuffer(capacity: 1024)
        let start = encoder.beginStream(response, stream, isOnPool: true, date: date, into: &output)
        guard let produce = start.blockingProducer, let framer = start.framer else {
            return finish(OutputQueue(output), start.head, bodyByteCount: 0)
        }
        let writer = BlockingResponseWriter(exchange, framer, head: output)
        do {
            try produce(writer)
            let end = try writer.takeEnd()
            return finish(OutputQueue(end), start.head, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(
                OutputQueue(writer.takeRest()), start.head, bodyByteCount: writer.byteCount, isBrokenOff: true)
        }
    }

    /// The thread's last word. Returns what the client got.
    private func finish(
        _ output: consuming OutputQueue, _ encoded: EncodedResponse, bodyByteCount: Int? = nil,
        isBrokenOff: Bool = false
    ) -> WrittenResponse {
        let replacement = exchange.takeReplacement()
        exchange.finish(output, keepsAlive: isBrokenOff ? nil : encoded.keepsAlive)
        return WrittenResponse(
            isReplaced: encoded.isReplaced, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
