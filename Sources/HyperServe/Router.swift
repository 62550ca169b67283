import HTTP1
import Routing

/// Answers a request. An inline handler runs on its reactor's thread and must not block, since everyone else on that
/// thread waits; a blocking one runs on a thread of the pool.
///
/// What it throws becomes an answer: an `HTTPError` the one it names, anything else a 500.
public typealias Handler = @Sendable (borrowing Request) throws -> Response

/// Answers a request in a task that starts, resumes and ends on the reactor of the request's connection. It may await
/// whatever it likes, but must not block in between. What it throws becomes an answer, as for `Handler`.
///
/// The task is cancelled when the client leaves, when `ServerConfiguration.handlerTimeout` has passed, and when a
/// stopping server closes what is left.
public typealias AsyncHandler = @Sendable (borrowing Request) async throws -> Response

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
/// `{name...}`, from left to right. A slash at the end counts.
///
/// HEAD is answered by the handler of GET, OPTIONS and unknown methods by the server. A mistake in a pattern, or two
/// that match the same paths, is reported by `Server.init`.
public struct Router: Sendable {
    /// What a route leads to.
    struct Target: Sendable {
        let handler: Kind
        let body: BodyMode

        enum Kind: Sendable {
            case inline(Handler)
            case blocking(Handler)
            case async(AsyncHandler)
        }

        var isBlocking: Bool {
            if case .blocking = handler { true } else { false }
        }
    }

    private var builder = RouteTreeBuilder()
    private(set) var targets: [Target] = []
    private(set) var error: RouteError?

    /// No routes: every request is answered with 404.
    public init() {}

    /// Adds a route for any method. The handler runs as `mode` says: inline if nothing is said.
    public mutating func on(
        _ method: Method, _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        handler: @escaping Handler
    ) {
        add(method, pattern, Target(handler: mode == .inline ? .inline(handler) : .blocking(handler), body: body))
    }

    /// Adds a route for any method, with a handler that awaits.
    public mutating func on(
        _ method: Method, _ pattern: String, body: BodyMode = .collect, handler: @escaping AsyncHandler
    ) {
        add(method, pattern, Target(handler: .async(handler), body: body))
    }

    private mutating func add(_ method: Method, _ pattern: String, _ target: Target) {
        do throws(RouteError) {
            _ = try builder.add(method: method, pattern: pattern)
            // The builder numbers routes from 0 in the order in which they are added, as this array does.
            targets.append(target)
        } catch {
            // The first mistake is the one to mend first.
            self.error = self.error ?? error
        }
    }

    func makeTree() throws(RouteError) -> RouteTree {
        if let error { throw error }
        return builder.build()
    }
}
