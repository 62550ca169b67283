import HTTP1
import Reactor
import ThreadPool

/// A request on its way through the thread pool: a copy of all that the handler may ask for, and where to answer.
final class BlockingJob: ThreadPool.Job, @unchecked Sendable {
    // `@unchecked Sendable`: one thread at a time has a job.
    private var encoder: ResponseEncoder
    private let dispatcher: Dispatcher
    private let ticket: Ticket
    private let copy: RequestCopy
    /// Where the body comes from, if the handler reads it as it comes.
    private let exchange: Exchange?

    init(
        copying request: borrowing IncomingRequest, encoder: ResponseEncoder, dispatcher: Dispatcher,
        exchange: Exchange?
    ) {
        self.encoder = encoder
        self.dispatcher = dispatcher
        self.exchange = exchange
        ticket = request.ticket
        copy = RequestCopy(request)
    }

    override func run() {
        // `copy` lives as long as this job, which is longer than the request made of it.
        let incoming = unsafe copy.incoming(ticket: ticket)
        answer(dispatcher.run(Request(incoming, table: dispatcher.table, exchange: exchange)))
    }

    override func discard() {
        answer(.status(.serviceUnavailable))
    }

    private func answer(_ response: Response) {
        if let exchange { encoder.bodyRest = exchange.bodyRest }
        if case .stream(let stream) = response.body { return answer(response, stream) }
        var output = ByteBuffer(capacity: 512 + min(response.body.byteCount ?? 0, ByteBuffer.attachmentByteCount))
        let keepsAlive = encoder.encode(
            response, date: DateField(unixSeconds: dispatcher.clock.unixSeconds), into: &output)
        if let exchange {
            exchange.finish(output, keepsAlive: keepsAlive)
        } else {
            ticket.answer(output, keepsAlive: keepsAlive)
        }
    }

    private func answer(_ response: Response, _ stream: ResponseStream) {
        guard case .blocking(let produce) = stream.producer else {
            dispatcher.log?("500: a blocking handler answered with an async stream")
            return answer(.status(.internalServerError))
        }
        let exchange = exchange ?? Exchange(ticket: ticket, isBlocking: true)
        var output = ByteBuffer(capacity: 1024)
        let start = encoder.beginStream(
            response, stream, date: DateField(unixSeconds: dispatcher.clock.unixSeconds), into: &output)
        guard let framer = start.framer else { return exchange.finish(output, keepsAlive: start.keepsAlive) }
        let writer = BlockingResponseWriter(exchange, framer, head: output)
        do {
            try produce(writer)
            exchange.finish(try writer.takeEnd(), keepsAlive: start.keepsAlive)
        } catch {
            dispatcher.reportAborted(error)
            exchange.finish(writer.takeRest(), keepsAlive: nil)
        }
    }
}
