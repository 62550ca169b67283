import HTTPCore
import Routing

/// Answers a request. An inline handler runs on its reactor's thread and must not block, since everyone else on that
/// thread waits; a blocking one runs on a thread of the pool.
///
/// What it throws becomes an answer: an `HTTPError` the one it names, anything else a 500.
public typealias Handler = @Sendable (borrowing Request) throws -> Response

/// Answers a request in a task that starts, resumes and ends on the reactor of the request's connection. It may await
/// whatever it likes, but must not block in between. What it throws becomes an answer, as for `Handler`.
///
/// The task is cancelled when the client is gone, when `ServerConfiguration.handlerTimeout` has passed, and when a
/// stopping server closes what is left. A client that has sent FIN and waits for its response is not gone; one that is
/// being sent a stream is taken to be.
public typealias AsyncHandler = @Sendable (borrowing Request) async throws -> Response

/// As `Handler`, with what middlewares found out about the request.
public typealias ContextHandler = @Sendable (borrowing Request, inout RequestContext) throws -> Response

/// As `AsyncHandler`, with what middlewares found out about the request.
public typealias AsyncContextHandler = @Sendable (borrowing Request, inout RequestContext) async throws -> Response

/// Where a handler runs.
public enum HandlerMode: Sendable {
    /// On the reactor's thread, at once: for handlers that only compute, and briefly.
    case inline
    /// On a thread of the server's pool, where it may block. The connection waits for its answer and others do not.
    /// When the pool has no room the server answers 503 with Retry-After.
    case blocking
}

/// The routes of a server: patterns of paths, with a handler for each.
///
/// A pattern is made of segments: text, which matches itself; `{name}`, which matches one segment; and, at the end,
/// `{name...}`, which matches the rest of the path. Where several patterns match, text beats `{name}` beats
/// `{name...}`, from left to right. A slash at the end counts, unless `trailingSlash` says otherwise.
///
/// HEAD is answered by the handler of GET, OPTIONS and unknown methods by the server. A mistake in a pattern, or two
/// that match the same paths, is reported by `Server.init`.
///
/// A router is a value: `group` and `host` fill one of their own, and `mount` takes one that was filled elsewhere.
public struct Router: Sendable {
    /// What was added, in order.
    enum Item: Sendable {
        case route(Method, String, Target, [any Middleware])
        case group(prefix: String, Router)
        case host(String, Router)
    }

    /// What a route leads to.
    struct Target: Sendable {
        let handler: Kind
        let body: BodyMode

        enum Kind: Sendable {
            case inline(ContextHandler)
            case blocking(ContextHandler)
            case async(AsyncContextHandler)
        }

        var way: Way {
            if body.isStreamed, case .inline = handler { return .task }
            return switch handler {
            case .inline: .inline
            case .blocking: .pool
            case .async: .task
            }
        }
    }

    /// Where a request's handler is called.
    enum Way: Sendable {
        case inline
        case pool
        /// As a task on the reactor. So are inline handlers with a body to come: they can't return what the client is
        /// to be told, a task can.
        case task
    }

    private(set) var items: [Item] = []
    private(set) var middlewares: [any Middleware] = []

    /// What a slash too many or too few at the end of a path means. Only that of the router which is given to the
    /// server counts, not those of groups.
    public var trailingSlash = TrailingSlash.exact

    /// No routes: every request is answered with 404.
    public init() {}

    /// Wraps all routes of this router, those already added as well. The first one used is the outermost.
    public mutating func use(_ middleware: any Middleware) {
        middlewares.append(middleware)
    }

    mutating func add(_ item: Item) { items.append(item) }
}

extension Router {
    /// Adds a route for any method. The handler runs as `mode` says: inline if nothing is said.
    ///
    /// - Parameter middlewares: wrapped around this route only, within those of its router.
    public mutating func on(
        _ method: Method, _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(method, pattern, mode, body: body, with: middlewares) { request, _ in try handler(request) }
    }

    /// Adds a route for any method, with a handler that awaits.
    public mutating func on(
        _ method: Method, _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(method, pattern, body: body, with: middlewares) { request, _ async throws in try await handler(request) }
    }

    /// Adds a route for any method, with a handler that takes the request's context.
    public mutating func on(
        _ method: Method, _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        let kind: Target.Kind = mode == .inline ? .inline(handler) : .blocking(handler)
        add(.route(method, pattern, Target(handler: kind, body: body), middlewares))
    }

    /// Adds a route for any method, with a handler that awaits and takes the request's context.
    public mutating func on(
        _ method: Method, _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        add(.route(method, pattern, Target(handler: .async(handler), body: body), middlewares))
    }
}
