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
    private var encoder: ResponseEncoder
    private var copy: RequestCopy
    /// The body of an inline handler's response, to be produced; without one, the handler is to be called.
    private var production: Production?
    private var isReusable = true
    /// Kept, because the next request mostly comes within the same second.
    private var date: DateField
    // Resumed once: by `start`, or by `dismiss`; both take it away first.
    private var resting = unsafe UnsafeContinuation<Void, Never>?.none
    private var isDismissed = false

    /// A body to produce, after its head.
    struct Production {
        let start: ResponseEncoder.StreamStart
        let produce: @Sendable (ResponseWriter) async throws -> Void
        /// For those who want to hear of the response.
        let observed: Observed?
    }

    /// A response of an inline handler, with what its middlewares have found out. Not longer there than the dispatcher.
    final class Observed {
        let response: Response
        let context: RequestContext

        init(_ response: Response, _ context: consuming RequestContext) {
            self.response = response
            self.context = context
        }
    }

    /// Starts a task that calls the handler, or gives it to a task that rests.
    static func start(
        _ request: borrowing IncomingRequest, encoder: ResponseEncoder, dispatcher: Dispatcher
    ) -> AsyncCall {
        let call = take(request, encoder, dispatcher)
        call.begin()
        return call
    }

    /// The same for a body to produce, whose head is in `output`, which is empty again then.
    static func start(
        _ production: consuming Production, after output: inout ByteBuffer, _ request: borrowing IncomingRequest,
        encoder: ResponseEncoder, dispatcher: Dispatcher
    ) -> AsyncCall {
        let call = take(request, encoder, dispatcher)
        call.production = production
        call.output.append(draining: &output)
        call.begin()
        return call
    }

    private static func take(
        _ request: borrowing IncomingRequest, _ encoder: ResponseEncoder, _ dispatcher: Dispatcher
    ) -> AsyncCall {
        let ticket = request.ticket
        let call: AsyncCall
        if let spare = ticket.executor.takeSpare() as? AsyncCall {
            call = spare
            call.reset(ticket)
            call.copy.replace(with: request)
            call.encoder = encoder
            call.dispatcher = dispatcher
        } else {
            call = AsyncCall(request, ticket, encoder, dispatcher)
        }
        call.prepare(request.bodyRest, isBodyStreamed: dispatcher.readsBody(request))
        return call
    }

    private init(
        _ request: borrowing IncomingRequest, _ ticket: Ticket, _ encoder: ResponseEncoder, _ dispatcher: Dispatcher
    ) {
        self.encoder = encoder
        self.dispatcher = dispatcher
        copy = RequestCopy(request)
        date = DateField(unixSeconds: dispatcher.clock.unixSeconds)
        super.init(ticket: ticket, isBlocking: false)
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
        if let production = production.take() {
            let written = await produce(production, dispatcher)
            guard let observed = production.observed else { return }
            return dispatcher.conclude(observed.response, written, encoder, to: request(dispatcher), observed.context)
        }
        // Not for longer than this function: `copy` is replaced by the next request.
        let request = request(dispatcher)
        var context = RequestContext(dispatcher, destination: request.incoming.route, isOnPool: false)
        let response = await dispatcher.runInTask(request, &context)
        let written: WrittenResponse
        switch begin(response, dispatcher) {
        case .written(let response): written = response
        case .production(let production): written = await produce(production, dispatcher)
        }
        if written.isReplaced || context.isObserved {
            dispatcher.conclude(response, written, encoder, to: request, context)
        }
    }

    private func request(_ dispatcher: Dispatcher) -> Request {
        Request(unsafe copy.incoming(ticket: ticket), table: dispatcher.table, exchange: self)
    }

    private enum Begun {
        case written(WrittenResponse)
        case production(Production)
    }

    /// Writes a response, or its head.
    private func begin(_ response: Response, _ dispatcher: Dispatcher) -> Begun {
        // The output is the connection's no more; and after the reactor's end this is another thread.
        guard !isOver else { return .written(finish(EncodedResponse(keepsAlive: false))) }
        encoder.bodyRest = bodyRest
        date.update(unixSeconds: dispatcher.clock.unixSeconds)
        guard case .stream(let stream) = response.body else {
            return .written(finish(encoder.encode(response, date: date, into: &output)))
        }
        let start = encoder.beginStream(response, stream, isOnPool: false, date: date, into: &output.last)
        guard let produce = start.asyncProducer else { return .written(finish(start.head, bodyByteCount: 0)) }
        return .production(Production(start: start, produce: produce, observed: nil))
    }

    private nonisolated(nonsending) func produce(
        _ production: Production, _ dispatcher: Dispatcher
    ) async -> WrittenResponse {
        // The writer may be kept for longer than it should.
        isReusable = false
        guard let framer = production.start.framer else { return finish(production.start.head) }
        // The head goes out now, whenever the first bytes of the body may come.
        flush()
        let writer = ResponseWriter(self, framer)
        do {
            try await production.produce(writer)
            if !isOver { try writer.end(into: &output.last) }
            return finish(production.start.head, bodyByteCount: writer.byteCount)
        } catch {
            dispatcher.reportAborted(error)
            return finish(production.start.head, bodyByteCount: writer.byteCount, isBrokenOff: true)
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
