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
    private var pending: PendingResponse?
    private var isReusable = true
    /// Kept because the next request usually comes within the same second.
    private var date: DateField
    // Resumed once: `begin` and `dismiss` both take it before they resume it.
    private var idle: Int?
    private var isDismissed = false

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
        call.pending = PendingResponse(response: response, context: context)
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
        var context = RequestContext(dispatcher, request, isOnPool: false)
        let response = await dispatcher.runInTask(request, &context)
        await respond(response, to: request, context, dispatcher)
    }

    private nonisolated(nonsending) func respond(
        _ response: Response, to request: borrowing Request, _ context: borrowing RequestContext,
        _ dispatcher: Dispatcher
    ) async {
        var responded: Responded?
        var byteCount: Int?
        // After its end the connection no longer owns the output, and this may run on another thread.
        if !isOver {
            date.update(unixSeconds: dispatcher.clock.unixSeconds)
            if let stream = response.stream {
                byteCount = 0
                switch begin(response.head, stream, date: date) {
                case .complete(let complete): responded = complete
                case .invalid: return fail(response, to: request, context, dispatcher)
                case .body(let body):
                    // The closure may have kept the writer.
                    isReusable = false
                    (responded, byteCount) = await produce(body, of: request, context, dispatcher)
                }
            } else {
                responded = encode(response.head, response.content, date: date, into: &output)
            }
        }
        if responded?.isReplaced ?? false { return fail(response, to: request, context, dispatcher) }
        let replacement = conclude(responded)
        guard context.isObserved else { return }
        dispatcher.didSend(
            response, WrittenResponse(replacement: replacement, streamedByteCount: byteCount), to: request, context)
    }

    @inline(never)
    private func fail(
        _ response: Response, to request: borrowing Request, _ context: borrowing RequestContext,
        _ dispatcher: Dispatcher
    ) {
        dispatcher.didSend(response, fail(request, date: date, dispatcher), to: request, context)
    }

    override func withRequestHead(_ body: (_ head: RequestHead, _ bytes: RawSpan) -> Void) { copy.withHead(body) }
}
