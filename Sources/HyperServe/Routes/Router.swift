import HTTPCore
import Routing

/// Handles a request. An inline handler runs on its reactor's thread and must not block, since all other connections of
/// that thread wait for it; a blocking one runs on a thread of the pool.
///
/// A thrown error becomes a response: an `HTTPError` the one that it describes, any other error a 500.
public typealias Handler = @Sendable (borrowing Request) throws -> Response

/// Handles a request in a task that starts, resumes and ends on the reactor of the request's connection. It may await
/// anything, which runs where Swift says and not on the reactor, but must not block in between. A thrown error becomes
/// a response, as for `Handler`.
///
/// The task is cancelled when the client disconnects, when `ServerConfiguration.handlerTimeout` has passed, and when a
/// stopping server closes the remaining connections. During a streamed response it is also cancelled when the server
/// begins to close; see `Response.stream`. A client that has sent FIN and waits for its response counts as
/// connected; during a streamed response, FIN counts as a disconnect.
public typealias AsyncHandler = @Sendable (borrowing Request) async throws -> Response

/// A `Handler` that also takes the request's context.
public typealias ContextHandler = @Sendable (borrowing Request, inout RequestContext) throws -> Response

/// An `AsyncHandler` that also takes the request's context.
public typealias AsyncContextHandler = @Sendable (borrowing Request, inout RequestContext) async throws -> Response

/// Where a handler runs.
public enum HandlerMode: Sendable {
    /// On the reactor's thread: for handlers that only compute, and briefly.
    case inline
    /// On a thread of the server's pool, where it may block. Only the connection of the request waits for it. When the
    /// pool is full, the server responds with 503 and Retry-After.
    case blocking
}

/// The routes of a server: patterns of paths, with a handler for each.
///
/// A pattern consists of segments: text, which matches itself; `{name}`, which matches one segment; and, at the end,
/// `{name...}`, which matches the rest of the path. Where several patterns match, text takes precedence over `{name}`,
/// and `{name}` over `{name...}`, from left to right. A slash at the end is significant, unless `trailingSlash` says
/// otherwise, and so is the case of letters, unless `letterCase` does.
///
/// Text may be percent-encoded: `/caf%C3%A9` is the same as `/café`. So it can contain what would be a parameter here
/// or in another router: spellings such as `:id`, `*`, `{id:int}` and `<id>` are refused, with the right spelling in
/// the error's description, and `%3Aid` matches the text `:id`. A colon or an asterisk inside a segment, as in
/// `/things:batch`, needs no encoding.
///
/// The handler of GET also serves HEAD. The server itself responds to OPTIONS, and with 501 to methods that no route
/// has. `Server.init` throws for a malformed pattern, for two patterns that match the same paths, and for more than 22
/// methods besides those of RFC 9110 and RFC 5789.
///
/// A router is a value: `group` and `host` fill one of their own, and `mount` takes one that exists.
public struct Router: Sendable {
    /// An entry of a router.
    enum Item: Sendable {
        case route(Method, String, Target, [any Middleware])
        case group(prefix: String, Router)
        case host(String, Router)
    }

    /// The handler of a route, and how it receives bodies.
    struct Target: Sendable {
        let handler: Kind
        let body: BodyMode

        enum Kind: Sendable {
            case inline(ContextHandler)
            case blocking(ContextHandler)
            case async(AsyncContextHandler)
        }

        var execution: Execution {
            if body.isStreamed, case .inline = handler { return .task }
            return switch handler {
            case .inline: .inline
            case .blocking: .pool
            case .async: .task
            }
        }
    }

    /// Where the handler of a request is called.
    enum Execution: Sendable {
        case inline
        case pool
        /// As a task on the reactor. Inline handlers with a streamed body run so too: a body that is still arriving
        /// needs an `Exchange`, as a task has it.
        case task
    }

    private(set) var items: [Item] = []
    private(set) var middlewares: [any Middleware] = []

    /// How a path matches a route that differs from it in a slash at the end. Groups, mounted routers and hosts have
    /// the policy of the router that is passed to the server; `Server.init` throws if one of them sets another.
    public var trailingSlash = TrailingSlash.exact
    /// How the letters of a path match those of a pattern's text. Groups, mounted routers and hosts have the policy of
    /// the router that is passed to the server; `Server.init` throws if one of them sets another.
    public var letterCase = LetterCase.exact

    /// Creates a router without routes. Every request gets 404.
    public init() {}

    /// Wraps all routes of this router in a middleware, including those already added. The first middleware used is the
    /// outermost.
    public mutating func use(_ middleware: any Middleware) {
        middlewares.append(middleware)
    }

    mutating func add(_ item: Item) { items.append(item) }
}

extension Router {
    /// Adds a route for a method, with a handler that runs as `mode` says. The method may be any: `on("PURGE", "/x")`.
    ///
    /// - Parameter middlewares: wrap this route only, inside those of its router.
    public mutating func on(
        _ method: Method, _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(method, pattern, mode, body: body, with: middlewares) { request, _ in try handler(request) }
    }

    /// Adds a route for a method, with an async handler.
    public mutating func on(
        _ method: Method, _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(method, pattern, body: body, with: middlewares) { request, _ async throws in try await handler(request) }
    }

    /// Adds a route for a method, with a handler that takes the request's context and runs as `mode` says.
    public mutating func on(
        _ method: Method, _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        let kind: Target.Kind = mode == .inline ? .inline(handler) : .blocking(handler)
        add(.route(method, pattern, Target(handler: kind, body: body), middlewares))
    }

    /// Adds a route for a method, with an async handler that takes the request's context.
    public mutating func on(
        _ method: Method, _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        add(.route(method, pattern, Target(handler: .async(handler), body: body), middlewares))
    }
}

/// How a path matches a route that has one slash more, or less, at its end.
public enum TrailingSlash: Sendable {
    /// It does not match: the client gets 404, unless the path has a route of its own.
    case exact
    /// The client is redirected to the path of the route, with 308 Permanent Redirect (RFC 9110 section 15.4.9).
    case redirect
    /// It matches, unless the path has a route of its own.
    case ignore
}

/// How the letters of a path match those of a pattern's text.
public enum LetterCase: Sendable {
    /// Only in the same case, as RFC 3986 section 6.2.2.1 has it for paths.
    case exact
    /// ASCII letters match in either case; all others only in the same case. Parameters keep their values as sent. Two
    /// patterns that differ in nothing else match the same paths, so `Server.init` throws.
    case ignore
}
