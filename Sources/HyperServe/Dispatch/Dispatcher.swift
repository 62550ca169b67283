import HTTPCore
import Reactor
import Routing
import ThreadPool

/// Passes each request to its handler, and the response to the protocol.
///
/// There is one for each reactor and route table. Immutable after `init`, so it needs no lock.
final class Dispatcher: Application {
    let table: RouteTable
    /// The plan for the requests of each route.
    private let plans: [RequestPlan]
    /// Runs blocking handlers; nil if there are none.
    private let pool: ThreadPool?
    let log: EventLog
    let errorFormat: ErrorFormat
    let clock: ServerClock
    /// The state of the server.
    let lifecycle: ServerLifecycle

    init(
        table: RouteTable, configuration: ServerConfiguration, log: EventLog, pool: ThreadPool?, clock: ServerClock,
        lifecycle: ServerLifecycle
    ) {
        self.table = table
        plans = table.routes.indices.map { Dispatcher.plan(for: $0, of: table) }
        self.log = log
        errorFormat = configuration.errorFormat
        self.pool = pool
        self.clock = clock
        self.lifecycle = lifecycle
    }

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        let destination = table.match(head, bytes)
        if case .route(let route) = destination { return plans[route] }
        return plan(for: destination)
    }

    @inline(never)
    private func plan(for destination: Destination) -> RequestPlan {
        // Middlewares still run, with the timeout of a route with the same path.
        return RequestPlan(
            route: destination.packed, maximumBodyByteCount: 0, body: .ignored,
            handlerTimeoutMilliseconds: destination.matchedRoute.flatMap { plans[$0].handlerTimeoutMilliseconds })
    }

    func respond(to request: consuming IncomingRequest, with sender: consuming ResponseSender) -> RequestOutcome {
        switch table.execution(ofPacked: request.route) {
        case .inline:
            return respondInline(to: request, sender, isRefused: false)
        case .task:
            return .suspended(AsyncCall.start(request, dispatcher: self))
        case .pool:
            if let outcome = submit(request) { return outcome }
            return respondInline(to: request, sender, isRefused: true)
        }
    }

    /// Calls the handler on this thread, or refuses the request, and sends the response or starts to stream it.
    @inline(__always)
    private func respondInline(
        to request: consuming IncomingRequest, _ sender: consuming ResponseSender, isRefused: Bool
    ) -> RequestOutcome {
        let request = Request(request, table: table)
        var context = RequestContext(self, request, isOnPool: false)
        let response = isRefused ? refuse(request, &context) : run(request, &context)
        guard response.stream == nil else {
            return .suspended(AsyncCall.start(response, context, request.incoming, dispatcher: self))
        }
        let responded = sender.send(response.head, response.content)
        if responded.isReplaced { return .responded(sendFailure(for: response, sender, to: request, context)) }
        if context.isObserved { didSend(response, WrittenResponse(), to: request, context) }
        return .responded(responded)
    }

    /// Sends a 500 in place of a response that can't be sent.
    @inline(never)
    private func sendFailure(
        for response: Response, _ sender: consuming ResponseSender, to request: borrowing Request,
        _ context: borrowing RequestContext
    ) -> Responded {
        let failure = failure(of: request)
        let responded = sender.sendFailure(failure.head, failure.content)
        didSend(response, WrittenResponse(failureByteCount: failure.content.byteCount), to: request, context)
        return responded
    }

    private static func plan(for route: Int, of table: RouteTable) -> RequestPlan {
        let limit = table.bodyLimit(route) ?? BodyByteLimit(byteCount: .max, setting: .streamed)
        return RequestPlan(
            route: Destination.route(route).packed, maximumBodyByteCount: limit.byteCount,
            bodyLimitTag: limit.setting.rawValue,
            body: table.routes[route].target.body.isStreamed ? .streamed : .collected,
            handlerTimeoutMilliseconds: table.routes[route].options.handlerTimeout?.milliseconds)
    }

    func bodyLimitName(_ tag: UInt8) -> StaticString { BodyByteLimit.Setting(rawValue: tag)?.name ?? "the server" }

    /// Submits a request to the pool. Returns nil if the pool is full.
    private func submit(_ request: borrowing IncomingRequest) -> RequestOutcome? {
        guard let pool else { return nil }
        let exchange = BlockingExchange(copying: request, isBodyStreamed: readsBody(request))
        do throws(ThreadPool.SubmitError) {
            try pool.submit(BlockingJob(dispatcher: self, exchange: exchange))
            return .suspended(exchange)
        } catch {
            if error == .full { table.blockingPool.reportFull() }
            return nil
        }
    }
}

extension Dispatcher {
    /// Whether the request's handler reads the body as it arrives.
    func readsBody(_ request: borrowing IncomingRequest) -> Bool {
        guard case .route(let route) = Destination(packed: request.route) else { return false }
        return table.routes[route].target.body.isStreamed
    }

    /// Reports what was sent to the observers of a response, and logs it if an invalid response was replaced by a 500.
    @inline(never)
    func didSend(
        _ response: Response, _ written: WrittenResponse, to request: borrowing Request,
        _ context: borrowing RequestContext
    ) {
        if written.failureByteCount != nil {
            report(
                .error, response.mistake(isOnPool: context.isOnPool), status: .internalServerError, of: request, context
            )
        }
        context.report(SentResponse(response, written, isHead: request.method == .head), to: request)
    }
}

extension Response {
    /// The reason why the response can't be sent, for the log.
    fileprivate func mistake(isOnPool: Bool) -> String {
        if let stream, stream.isBlocking, !isOnPool {
            return "blockingStream needs a route that is .blocking: mark it so, or respond with stream and await writes"
        }
        let invalid = headers.first { !FieldSyntax.isToken($0.name) || !FieldSyntax.isValue($0.value) }
        let isTypeValid =
            headers["Content-Type"] != nil || contentType.map { FieldSyntax.isValue($0.description) } ?? true
        let other = isTypeValid ? "the length or trailer" : "the Content-Type"
        let name = invalid.map { "the header field \($0.name)" } ?? other
        return name + " of the handler's response is not valid"
    }
}
