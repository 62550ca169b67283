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
    private var work: Work
    /// What middlewares have found out, if they have run. Not longer there than the dispatcher.
    private var context: RequestContext?
    private var isReusable = true
    /// Kept, because the next request mostly comes within the same second.
    private var date: DateField
    // Resumed once: by `start`, or by `dismiss`; both take it away first.
    private var resting = unsafe UnsafeContinuation<Void, Never>?.none
    private var isDismissed = false

    /// What the task is to do.
    enum Work {
        /// The handler is to be called.
        case call
        /// The head of the response is there, and its body is to be produced.
        case produce(Response)
    }

    /// Starts a task, or gives one that rests something to do.
    static func start(
        _ work: Work, for request: borrowing IncomingRequest, _ context: consuming RequestContext?,
        encoder: ResponseEncoder, dispatcher: Dispatcher
    ) -> AsyncCall {
        let ticket = request.ticket
        guard let call = ticket.executor.takeSpare() as? AsyncCall else {
            let call = AsyncCall(work, request, context, ticket, encoder, dispatcher)
            call.prepare(request.bodyRest, isBodyStreamed: dispatcher.readsBody(request))
            ticket.executor.start(call) { await call.serve() }
            return call
        }
        call.reset(ticket)
        call.copy.replace(with: request)
        call.encoder = encoder
        call.dispatcher = dispatcher
        call.work = work
        call.context = context
        call.prepare(request.bodyRest, isBodyStreamed: dispatcher.readsBody(request))
        ticket.executor.resumeTask()
        unsafe call.resting.take()?.resume()
        return call
    }

    private init(
        _ work: Work, _ request: borrowing IncomingRequest, _ context: consuming RequestContext?, _ ticket: Ticket,
        _ encoder: ResponseEncoder, _ dispatcher: Dispatcher
    ) {
        self.work = work
        self.encoder = encoder
        self.dispatcher = dispatcher
        self.context = context
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
        // `copy` is not replaced before the task is done with the request made of it.
        let request = Request(unsafe copy.incoming(ticket: ticket), table: dispatcher.table, exchange: self)
        var context =
            context.take() ?? RequestContext(dispatcher, destination: request.incoming.route, isOnPool: false)
        let response: Response
        switch work {
        case .call: response = await dispatcher.runInTask(request, &context)
        case .produce(let made): response = made
        }
        work = .call
        let sent = await respond(response, to: request, dispatcher)
        if context.isObserved { context.report(sent, to: request) }
    }

    private nonisolated(nonsending) func respond(
        _ response: Response, to request: borrowing Request, _ dispatcher: Dispatcher
    ) async -> SentResponse {
        // The output is the connection's no more; and after the reactor's end this is another thread.
        guard !isOver else { return finish(response, EncodedResponse(keepsAlive: false)) }
        encoder.bodyRest = bodyRest
        date.update(unixSeconds: dispatcher.clock.unixSeconds)
        if case .stream(let stream) = response.body { return await respond(response, stream, to: request, dispatcher) }
        return finish(response, dispatcher.encode(response, to: request, encoder, date: date, into: &output))
    }

    private nonisolated(nonsending) func respond(
        _ response: Response, _ stream: ResponseStream, to request: borrowing Request, _ dispatcher: Dispatcher
    ) async -> SentResponse {
        // The writer may be kept for longer than it should.
        isReusable = false
        guard case .async(let produce) = stream.producer else {
            dispatcher.log?("500: only a blocking handler can respond with a blocking stream")
            return await respond(.status(.internalServerError), to: request, dispatcher)
        }
        let start = encoder.beginStream(response, stream, date: date, into: &output)
        guard let framer = start.framer else {
            if start.head.isReplaced { dispatcher.reportInvalidField(of: response, to: request) }
            return finish(response, start.head, bodyByteCount: 0)
        }
        // The head goes out now, whenever the first bytes of the body may come.
        flush()
        let writer = ResponseWriter(self, framer)
        do {
            try await produce(writer)
            if !isOver { try writer.end(into: &output) }
            return finish(response, start.head, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(response, start.head, bodyByteCount: writer.byteCount, isBrokenOff: true)
        }
    }

    /// The task's last word. Returns what the client got.
    private func finish(
        _ response: Response, _ encoded: EncodedResponse, bodyByteCount: Int? = nil, isBrokenOff: Bool = false
    ) -> SentResponse {
        let replacement = takeReplacement()
        finish(keepsAlive: isBrokenOff || isOver ? nil : encoded.keepsAlive)
        return replacement.map { SentResponse(replacedBy: $0) }
            ?? encoder.sent(response, encoded, bodyByteCount: bodyByteCount)
    }
}
