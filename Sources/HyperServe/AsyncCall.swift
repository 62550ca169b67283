import HTTP1
import Reactor

/// A request whose handler, or whose streamed response, is a task on its connection's reactor.
///
/// Starting a task costs more than all the rest, so a task that is done rests until there is another request for it:
/// then a request costs no allocation here. Only calls that nothing outside can still refer to are used again: not
/// those with a streamed body or response, and not those that were cancelled, which a task cannot get rid of.
@safe
final class AsyncCall: Exchange, @unchecked Sendable {
    // `@unchecked Sendable`: what changes here belongs to the reactor's thread, as most of `Exchange` does.
    /// Taken by the task when it begins, so that a call that rests keeps no old routes.
    private var dispatcher: Dispatcher?
    private var encoder: ResponseEncoder
    private var copy: RequestCopy
    /// A response whose body is to be produced; without one, the handler is to be called.
    private var made: MadeResponse?
    private var isReusable = true
    /// Kept, because the next request mostly comes within the same second.
    private var date: DateField
    // Resumed once: by `start`, or by `dismiss`; both take it away first.
    private var resting = unsafe UnsafeContinuation<Void, Never>?.none
    private var isDismissed = false

    /// What an inline handler has returned, with what its middlewares have found out. Not longer there than the
    /// dispatcher.
    final class MadeResponse {
        let response: Response
        let context: RequestContext

        init(_ response: Response, _ context: consuming RequestContext) {
            self.response = response
            self.context = context
        }
    }

    /// Starts a task, or gives one that rests something to do.
    static func start(
        _ made: MadeResponse?, for request: borrowing IncomingRequest, encoder: ResponseEncoder, dispatcher: Dispatcher
    ) -> AsyncCall {
        let ticket = request.ticket
        guard let call = ticket.executor.takeSpare() as? AsyncCall else {
            let call = AsyncCall(made, request, ticket, encoder, dispatcher)
            call.prepare(request.bodyRest, isBodyStreamed: dispatcher.readsBody(request))
            ticket.executor.start(call) { await call.serve() }
            return call
        }
        call.reset(ticket)
        call.copy.replace(with: request)
        call.encoder = encoder
        call.dispatcher = dispatcher
        if made != nil { call.made = made }
        call.prepare(request.bodyRest, isBodyStreamed: dispatcher.readsBody(request))
        ticket.executor.resumeTask()
        unsafe call.resting.take()?.resume()
        return call
    }

    private init(
        _ made: MadeResponse?, _ request: borrowing IncomingRequest, _ ticket: Ticket, _ encoder: ResponseEncoder,
        _ dispatcher: Dispatcher
    ) {
        self.made = made
        self.encoder = encoder
        self.dispatcher = dispatcher
        copy = RequestCopy(request)
        date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        super.init(ticket: ticket, isBlocking: false)
    }

    override func didEnd() {
        if unsafe resting != nil { ticket.executor.keep(self) }
    }

    override func dismiss() {
        isDismissed = true
        unsafe resting.take()?.resume()
    }

    private nonisolated(nonsending) func serve() async {
        repeat {
            guard let dispatcher = dispatcher.take() else { return }
            await run(dispatcher)
        } while await rest()
    }

    /// Waits for another request. False when there will be none.
    private nonisolated(nonsending) func rest() async -> Bool {
        guard isReusable, !isBodyStreamed, !isOver, !Task.isCancelled else { return false }
        unsafe await withUnsafeContinuation { unsafe resting = $0 }
        return !isDismissed
    }

    private nonisolated(nonsending) func run(_ dispatcher: Dispatcher) async {
        if let made = made.take() {
            let written = await respond(made.response, dispatcher)
            if written.isReplaced || made.context.isObserved {
                dispatcher.conclude(made.response, written, encoder, to: request(dispatcher), made.context)
            }
            return
        }
        let request = request(dispatcher)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: false)
        let response = await dispatcher.runInTask(request, &context)
        let written = await respond(response, dispatcher)
        if written.isReplaced || context.isObserved {
            dispatcher.conclude(response, written, encoder, to: request, context)
        }
    }

    /// The request. Not for longer than the task works on it: `copy` is replaced by the next one's.
    private func request(_ dispatcher: Dispatcher) -> Request {
        Request(unsafe copy.incoming(ticket: ticket), table: dispatcher.table, exchange: self)
    }

    private nonisolated(nonsending) func respond(_ response: Response, _ dispatcher: Dispatcher) async
        -> WrittenResponse
    {
        // The output is the connection's no more; and after the reactor's end this is another thread.
        guard !isOver else { return finish(EncodedResponse(keepsAlive: false)) }
        encoder.bodyRest = bodyRest
        date.update(unixSeconds: dispatcher.clock.unixSeconds)
        if case .stream(let stream) = response.body { return await respond(response, stream, dispatcher) }
        return finish(encoder.encode(response, date: date, into: &output))
    }

    private nonisolated(nonsending) func respond(
        _ response: Response, _ stream: ResponseStream, _ dispatcher: Dispatcher
    ) async -> WrittenResponse {
        // The writer may be kept for longer than it should.
        isReusable = false
        guard case .async(let produce) = stream.producer else {
            dispatcher.log?("500: only a blocking handler can respond with a blocking stream")
            return finish(encoder.replace(from: output.count, date: date, &output))
        }
        let start = encoder.beginStream(response, stream, date: date, into: &output)
        guard let framer = start.framer else { return finish(start.head, bodyByteCount: 0) }
        // The head goes out now, whenever the first bytes of the body may come.
        flush()
        let writer = ResponseWriter(self, framer)
        do {
            try await produce(writer)
            if !isOver { try writer.end(into: &output) }
            return finish(start.head, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(start.head, bodyByteCount: writer.byteCount, isBrokenOff: true)
        }
    }

    /// The task's last word. Returns what the client gets.
    private func finish(
        _ encoded: EncodedResponse, bodyByteCount: Int? = nil, isBrokenOff: Bool = false
    ) -> WrittenResponse {
        let replacement = takeReplacement()
        finish(keepsAlive: isBrokenOff || isOver ? nil : encoded.keepsAlive)
        return WrittenResponse(
            isReplaced: encoded.isReplaced, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
