import HTTPCore
import Reactor

/// A request whose handler, or whose streamed response, runs as a task on the connection's reactor.
///
/// Starting a task costs more than everything else, so a task that is done is suspended and reused for a later request,
/// which then costs no allocation here. A call is reused only if nothing outside can still refer to it: not after a
/// streamed body or response, and not after a cancellation, which can't be reset.
@safe
final class AsyncCall: Exchange, @unchecked Sendable {
    // `@unchecked Sendable`: the mutable state belongs to the reactor's thread, as most of `Exchange` does.
    /// Taken by the task when it begins, so that an idle call does not keep old routes alive.
    private var dispatcher: Dispatcher?
    private var copy: RequestCopy
    /// The response of an inline handler, for the task to send; nil if the task calls the handler.
    private var pending: Pending?
    private var isReusable = true
    /// Kept because the next request usually comes within the same second.
    private var date: DateField
    // Resumed once: `begin` and `dismiss` both take it before they resume it.
    private var idle: Int?
    private var isDismissed = false

    /// A response of an inline handler, with the context that its middlewares have filled.
    private struct Pending: ~Copyable {
        let response: Response
        let context: RequestContext
    }

    /// Calls the handler in a task, a new one or an idle one.
    static func start(_ request: borrowing IncomingRequest, dispatcher: Dispatcher) -> AsyncCall {
        let call = take(request, dispatcher)
        call.begin()
        return call
    }

    /// Streams the body of an inline handler's response in a task, a new one or an idle one.
    static func start(
        _ response: Response, _ context: consuming RequestContext, _ request: borrowing IncomingRequest,
        dispatcher: Dispatcher
    ) -> AsyncCall {
        let call = take(request, dispatcher)
        call.pending = Pending(response: response, context: context)
        call.begin()
        return call
    }

    private static func take(_ request: borrowing IncomingRequest, _ dispatcher: Dispatcher) -> AsyncCall {
        let ticket = request.ticket
        let isBodyStreamed = dispatcher.readsBody(request)
        guard let spare = ticket.executor.takeSpare() as? AsyncCall else {
            return AsyncCall(request, ticket, isBodyStreamed: isBodyStreamed, dispatcher)
        }
        spare.reset(ticket, isBodyStreamed: isBodyStreamed)
        spare.copy.replace(with: request)
        spare.dispatcher = dispatcher
        return spare
    }

    private init(
        _ request: borrowing IncomingRequest, _ ticket: Ticket, isBodyStreamed: Bool, _ dispatcher: Dispatcher
    ) {
        self.dispatcher = dispatcher
        copy = RequestCopy(request)
        date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        super.init(ticket: ticket, isBlocking: false, isBodyStreamed: isBodyStreamed)
    }

    /// Resumes the idle task, or starts one.
    private func begin() {
        if let idle = idle.take() {
            ticket.executor.resumeTask()
            ticket.executor.resume(idle)
        } else {
            let lifecycle = dispatcher?.lifecycle
            ticket.actor.start(self) { actor in
                await ServerTask.$lifecycle.withValue(lifecycle) { await self.serve(on: actor) }
            }
        }
    }

    override func didEnd() {
        if idle != nil { ticket.executor.keep(self) }
    }

    override func dismiss() {
        isDismissed = true
        if let idle = idle.take() { ticket.executor.resume(idle) }
    }

    private func serve(on actor: isolated ReactorActor) async {
        repeat {
            actor.enter()
            guard let dispatcher = dispatcher.take() else { return }
            await run(dispatcher)
        } while await waitForRequest(on: actor)
    }

    /// Suspends the task until there is another request. Returns false if there won't be one.
    private func waitForRequest(on actor: isolated ReactorActor) async -> Bool {
        actor.enter()
        guard isReusable, !isBodyStreamed, !isOver, !Task.isCancelled else { return false }
        idle = ticket.executor.reserveWaitingPlace()
        await ticket.executor.wait()
        return !isDismissed
    }

    private nonisolated(nonsending) func run(_ dispatcher: Dispatcher) async {
        // Valid in this function only: the next request replaces `copy`.
        let request = Request(unsafe copy.incoming(ticket: ticket), table: dispatcher.table, exchange: self)
        if let pending = pending.take() {
            return await respond(pending.response, to: request, pending.context, dispatcher)
        }
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: false)
        let response = await dispatcher.runInTask(request, &context)
        await respond(response, to: request, context, dispatcher)
    }

    private nonisolated(nonsending) func respond(
        _ response: Response, to request: borrowing Request, _ context: borrowing RequestContext,
        _ dispatcher: Dispatcher
    ) async {
        let written: WrittenResponse
        switch begin(response, dispatcher) {
        case .written(let response): written = response
        case .body(let body, let responded): written = await produce(response, body, responded, dispatcher)
        }
        if written.isReplaced || context.isObserved { dispatcher.didSend(response, written, to: request, context) }
    }

    private enum Begun {
        case written(WrittenResponse)
        /// The body follows.
        case body(BodyEncoder, Responded)
    }

    /// Writes a response, or its head.
    private func begin(_ response: Response, _ dispatcher: Dispatcher) -> Begun {
        // The connection no longer owns the output, and after the reactor's end this runs on another thread.
        guard !isOver else { return .written(finish(nil)) }
        date.update(unixSeconds: dispatcher.clock.unixSeconds)
        if let stream = response.stream { return begin(response.head, stream) }
        return .written(finish(encode(response.head, response.content, date: date, into: &output)))
    }

    private func begin(_ head: ResponseHead, _ stream: ResponseStream) -> Begun {
        guard stream.isLengthValid, !stream.isBlocking else {
            return .written(finish(encodeFailure(date: date, into: &output.last), bodyByteCount: 0))
        }
        let begun = begin(
            head, contentLength: stream.contentLength, trailerNames: stream.trailerNames, date: date,
            into: &output.last)
        guard let body = begun.body else { return .written(finish(begun.responded, bodyByteCount: 0)) }
        return .body(body, begun.responded)
    }

    private nonisolated(nonsending) func produce(
        _ response: Response, _ body: BodyEncoder, _ responded: Responded, _ dispatcher: Dispatcher
    ) async -> WrittenResponse {
        // The closure may have kept the writer.
        isReusable = false
        guard let stream = response.stream, case .async(let produce) = stream.producer else {
            preconditionFailure("only the body of an async stream is produced here")
        }
        // Sends the head now: the first bytes of the body may take a while.
        flush()
        beginStream()
        let writer = ResponseWriter(self, StreamedBody(stream, body))
        do {
            try await produce(writer)
            if !isOver { try writer.end(into: &output.last) }
            return finish(responded, bodyByteCount: writer.byteCount)
        } catch {
            if endsStream(error), (try? writer.end(into: &output.last)) != nil {
                return finish(responded, bodyByteCount: writer.byteCount)
            }
            dispatcher.reportAborted(error, isServerClosing: isServerClosing)
            return finish(nil, bodyByteCount: writer.byteCount)
        }
    }

    /// Ends the exchange, or aborts it without a response. Returns what the client gets.
    private func finish(_ responded: Responded?, bodyByteCount: Int? = nil) -> WrittenResponse {
        let replacement = takeReplacement()
        if let responded { finish(responded) } else { abort() }
        return WrittenResponse(
            isReplaced: responded?.isReplaced ?? false, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
