import HTTP1
import Reactor
import Routing
import ThreadPool

/// Brings each request to its handler, and the handler's answer into bytes.
///
/// One for each reactor and table of routes; nothing in it changes after `init`, so nothing is locked.
final class Dispatcher: Application {
    let table: RouteTable
    /// What becomes of the requests of each route.
    private let plans: [RequestPlan]
    /// Runs blocking handlers; nil when there are none.
    private let pool: ThreadPool?
    let log: (@Sendable (String) -> Void)?
    let errorFormat: ErrorFormat
    let clock: ServerClock

    /// Stands for a request that no handler answers.
    static let noRoute = -1

    init(table: RouteTable, configuration: ServerConfiguration, pool: ThreadPool?, clock: ServerClock) {
        self.table = table
        plans = table.routes.indices.map { Dispatcher.plan(for: $0, of: table, configuration) }
        log = configuration.log
        errorFormat = configuration.errorFormat
        self.pool = pool
        self.clock = clock
    }

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        switch table.match(head, bytes) {
        case .found(let route):
            return plans[route]
        case .notFound, .methodNotAllowed, .redirect:
            return RequestPlan(route: Dispatcher.noRoute, maximumBodyByteCount: 0, body: .ignored)
        }
    }

    func respond(
        to request: consuming IncomingRequest, date: borrowing DateField, output: inout ByteBuffer
    ) -> RequestOutcome {
        let encoder = ResponseEncoder(
            isHead: request.head.method == .head, minorVersion: request.head.minorVersion,
            keepsAlive: request.keepsAlive, bodyRest: request.bodyRest)
        guard request.route != Dispatcher.noRoute else {
            let request = Request(request, table: table)
            return answer(runWithoutRoute(request), to: request, encoder, date: date, output: &output)
        }
        switch table.ways[request.route] {
        case .inline:
            let request = Request(request, table: table)
            return answer(run(request), to: request, encoder, date: date, output: &output)
        case .task:
            return start(.call, request, encoder)
        case .pool:
            if let outcome = submit(request, encoder) { return outcome }
            let response = Response(
                status: .serviceUnavailable, contentType: .plainText, headers: ["Retry-After": "1"],
                body: .text("Service Unavailable\n"))
            return .answered(keepsAlive: encoder.encode(response, date: date, into: &output))
        }
    }

    private static func plan(
        for route: Int, of table: RouteTable, _ configuration: ServerConfiguration
    ) -> RequestPlan {
        let (target, options) = (table.routes[route].target, table.routes[route].options)
        let isStreamed = target.body.isStreamed
        let limit = options.maximumBodyByteCount ?? (isStreamed ? .max : configuration.maximumBodyByteCount)
        return RequestPlan(
            route: route, maximumBodyByteCount: limit, body: isStreamed ? .streamed : .collected,
            handlerTimeoutMilliseconds: options.handlerTimeout?.milliseconds)
    }

    /// Encodes what a handler returned at once, or begins to produce it.
    private func answer(
        _ response: Response, to request: borrowing Request, _ encoder: ResponseEncoder,
        date: borrowing DateField, output: inout ByteBuffer
    ) -> RequestOutcome {
        if case .stream = response.body { return start(.produce(response), request.incoming, encoder) }
        return .answered(keepsAlive: encoder.encode(response, date: date, into: &output))
    }

    private func start(
        _ work: AsyncCall.Work, _ request: borrowing IncomingRequest, _ encoder: ResponseEncoder
    ) -> RequestOutcome {
        let isStreamed = request.route != Dispatcher.noRoute && table.routes[request.route].target.body.isStreamed
        return .suspended(
            AsyncCall.start(work, for: request, encoder: encoder, isStreamed: isStreamed, dispatcher: self))
    }

    /// Gives a request to the pool. Nil when the pool has no room for it.
    private func submit(_ request: borrowing IncomingRequest, _ encoder: ResponseEncoder) -> RequestOutcome? {
        guard let pool else { return nil }
        let isStreamed = table.routes[request.route].target.body.isStreamed
        let exchange = isStreamed ? Exchange(ticket: request.ticket, isBlocking: true) : nil
        exchange?.streamBody(request.bodyRest)
        let job = BlockingJob(copying: request, encoder: encoder, dispatcher: self, exchange: exchange)
        do throws(ThreadPool.SubmitError) {
            try pool.submit(job)
            return .suspended(exchange)
        } catch {
            return nil
        }
    }
}
