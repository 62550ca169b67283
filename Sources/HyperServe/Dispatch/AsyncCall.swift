import HTTPCore
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
    private var copy: RequestCopy
    /// The response of an inline handler, which is to be sent; without one, the handler is to be called.
    private var pending: Pending?
    private var isReusable = true
    /// Kept, because the next request mostly comes within the same second.
    private var date: DateField
    // Resumed once: by `start`, or by `dismiss`; both take it away first.
    private var resting = unsafe UnsafeContinuation<Void, Never>?.none
    private var isDismissed = false

    /// A response of an inline handler, with what its middlewares have found out.
    private struct Pending: ~Copyable {
        let response: Response
        let context: RequestContext
    }

    /// Starts a task that calls the handler, or gives it to a task that rests.
    static func start(_ request: borrowing IncomingRequest, dispatcher: Dispatcher) -> AsyncCall {
        let call = take(request, dispatcher)
        call.begin()
        return call
    }

    /// The same for a response whose body is to be produced.
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

    /// Lets the task go on that rests, or starts one.
    private func begin() {
        if let resting = unsafe resting.take() {
            ticket.executor.resumeTask()
            unsafe resting.resume()
        } else {
            ticket.executor.start(self) { await self.serve() }
        }
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
        // Not for longer than this function: `copy` is replaced by the next request.
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
        if written.isReplaced || context.isObserved { dispatcher.conclude(response, written, to: request, context) }
    }

    private enum Begun {
        case written(WrittenResponse)
        /// The body follows.
        case body(BodyEncoder, Responded)
    }

    /// Writes a response, or its head.
    private func begin(_ response: Response, _ dispatcher: Dispatcher) -> Begun {
        // The output is the connection's no more; and after the reactor's end this is another thread.
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
        // The writer may be kept for longer than it should.
        isReusable = false
        guard let stream = response.stream, case .async(let produce) = stream.producer else {
            preconditionFailure("only the body of an async stream is produced here")
        }
        // The head goes out now, whenever the first bytes of the body may come.
        flush()
        let writer = ResponseWriter(self, StreamedBody(stream, body))
        do {
            try await produce(writer)
            if !isOver { try writer.end(into: &output.last) }
            return finish(responded, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(nil, bodyByteCount: writer.byteCount)
        }
    }

    /// The task's last word; without a response it breaks off. Returns what the client gets.
    private func finish(_ responded: Responded?, bodyByteCount: Int? = nil) -> WrittenResponse {
        let replacement = takeReplacement()
        if let responded { finish(responded) } else { abort() }
        return WrittenResponse(
            isReplaced: responded?.isReplaced ?? false, replacement: replacement, streamedByteCount: bodyByteCount)
    }
}
