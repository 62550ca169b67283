import HTTP1
import Reactor
import Routing
import ThreadPool

/// Brings each request to its handler, and the handler's answer into bytes.
///
/// Shared by all reactors; nothing in it changes after `init`, so nothing is locked.
final class Dispatcher: Application {
    let routes: RouteTree
    private let targets: [Router.Target]
    private let maximumBodyByteCount: Int
    /// Runs blocking handlers; nil when there are none.
    private let pool: ThreadPool?
    let log: (@Sendable (String) -> Void)?
    let errorFormat: ErrorFormat

    /// Stands for a request that no handler answers.
    private static let noRoute = -1

    init(routes: RouteTree, targets: [Router.Target], configuration: ServerConfiguration, pool: ThreadPool?) {
        self.routes = routes
        self.targets = targets
        maximumBodyByteCount = configuration.maximumBodyByteCount
        log = configuration.log
        errorFormat = configuration.errorFormat
        self.pool = pool
    }

    func plan(for head: borrowing RequestHead, bytes: RawSpan) -> RequestPlan {
        switch match(head, bytes) {
        case .found(let route):
            return plan(for: route)
        case .notFound, .methodNotAllowed:
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
            return .answered(keepsAlive: encoder.encode(answerWithoutRoute(request), date: date, into: &output))
        }
        switch targets[request.route].handler {
        case .inline(let handler):
            // With a body to come, the handler can't return what the client is to be told; a task can.
            guard !targets[request.route].body.isStreamed else {
                return start(.call { try handler($0) }, request, encoder)
            }
            let request = Request(request, routes: routes)
            let response = run(handler, request)
            if case .stream = response.body { return start(.produce(response), request.incoming, encoder) }
            return .answered(keepsAlive: encoder.encode(response, date: date, into: &output))
        case .async(let handler):
            return start(.call(handler), request, encoder)
        case .blocking(let handler):
            if let outcome = submit(handler, request, encoder) { return outcome }
            let response = Response(
                status: .serviceUnavailable, contentType: .plainText, headers: ["Retry-After": "1"],
                body: .text("Service Unavailable\n"))
            return .answered(keepsAlive: encoder.encode(response, date: date, into: &output))
        }
    }

    private func plan(for route: Int) -> RequestPlan {
        let body = targets[route].body
        return RequestPlan(
            route: route,
            maximumBodyByteCount: body.maximumByteCount ?? (body.isStreamed ? .max : maximumBodyByteCount),
            body: body.isStreamed ? .streamed : .collected)
    }

    private func start(
        _ work: AsyncCall.Work, _ request: borrowing IncomingRequest, _ encoder: ResponseEncoder
    ) -> RequestOutcome {
        let isStreamed = targets[request.route].body.isStreamed
        return .suspended(
            AsyncCall.start(work, for: request, encoder: encoder, isStreamed: isStreamed, dispatcher: self))
    }

    /// Gives a request to the pool. Nil when the pool has no room for it.
    private func submit(
        _ handler: @escaping Handler, _ request: borrowing IncomingRequest, _ encoder: ResponseEncoder
    ) -> RequestOutcome? {
        guard let pool else { return nil }
        let isStreamed = targets[request.route].body.isStreamed
        let exchange = isStreamed ? Exchange(ticket: request.ticket, isBlocking: true) : nil
        exchange?.streamBody(request.bodyRest)
        let job = BlockingJob(
            copying: request, handler: handler, encoder: encoder, dispatcher: self, exchange: exchange)
        do throws(ThreadPool.SubmitError) {
            try pool.submit(job)
            return .suspended(exchange)
        } catch {
            return nil
        }
    }

    private func match(_ head: borrowing RequestHead, _ bytes: RawSpan) -> RouteMatch {
        switch head.form {
        case .origin, .absolute:
            let path = bytes.extracting(head.path.lowerBound..<head.path.upperBound)
            return routes.match(method: head.method, path: path, pathIsEncoded: head.pathIsEncoded)
        case .authority, .asterisk:
            return .notFound
        }
    }

    /// 404, 405, or what the server says about itself.
    private func answerWithoutRoute(_ request: borrowing IncomingRequest) -> Response {
        switch request.head.form {
        case .asterisk:
            // OPTIONS * asks about the server as a whole (RFC 9110 section 9.3.7).
            return Response(status: .noContent)
        case .authority:
            // CONNECT asks for a tunnel, which an origin server does not offer.
            return .text("Not Implemented\n", status: .notImplemented)
        case .origin, .absolute:
            break
        }
        // The head's bytes are there as long as the request is.
        switch unsafe match(request.head, RawSpan(_unsafeBytes: request.headBytes)) {
        case .methodNotAllowed(let allowed):
            let headers: HeaderFields = ["Allow": allowed.description]
            guard request.head.method != .options else { return Response(status: .noContent, headers: headers) }
            return Response(
                status: .methodNotAllowed, contentType: .plainText, headers: headers,
                body: .text("Method Not Allowed\n"))
        case .notFound, .found:
            return .text("Not Found\n", status: .notFound)
        }
    }
}
