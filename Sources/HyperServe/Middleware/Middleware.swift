/// A value that wraps handlers. A type conforms to the protocols below that describe what it does, to as many as it
/// needs and to at least one, not to this one.
///
/// | protocol | function | handlers |
/// |---|---|---|
/// | ``RequestFilter`` | `before` | all, on their thread |
/// | ``ResponseFilter`` | `after` | all, on their thread |
/// | ``Filter`` | `before` and `after` | all, on their thread |
/// | ``StatefulFilter`` | `begin` and `end`, with a value between them | all, on their thread |
/// | ``AsyncRequestFilter`` | async `before` | all; inline ones become tasks |
/// | ``AsyncMiddleware`` | async `handle`, around `next` | all; inline ones become tasks |
/// | ``RouteConfiguration`` | `configure` | all, once, before the server starts |
/// | ``RefusalFilter`` | `refused` | those that are not called |
///
/// None of the functions has a default, so a conformance whose function has another name, other parameters or other
/// effects does not compile, nor does one to this protocol alone. A function is called only for a protocol that the
/// type names: `before` of a type that is only a `ResponseFilter` is a function like any other. `Server.init` throws
/// `RouteError.invalidMiddleware` for a type that is both a `RequestFilter` and an `AsyncRequestFilter`.
///
/// A middleware is added with `Router.use` for all routes of a router or group, or with `with:` for one route. The
/// first one is the outermost. The middlewares of the outermost router also wrap the server's own responses: 404, 405,
/// and those to OPTIONS. A request without a route is handled like those of a route with the same path. If there is
/// none, it depends on the router's routes: inline if one of them is, else in a task if one of them is async.
///
/// If a handler throws, `after` and `end` get the response that `RequestContext.response(to:for:)` returns for the
/// error. A response of a middleware that is streamed must be of the handler's kind: produced by a thread that may
/// block if the handler is blocking, and by a task otherwise.
///
/// One value is used by all threads at once.
public protocol Middleware: Sendable {
    /// Provided by the protocols that have a function. A type that conforms to none of them would be ignored.
    static var _isRequestFilterOrAnotherKindOfMiddleware: Bool { get }
}

/// A middleware with a function that the server calls. The protocols that have one inherit from this.
public protocol _MiddlewareWithFunction: Middleware {}

extension _MiddlewareWithFunction {
    /// The requirement of `Middleware`.
    public static var _isRequestFilterOrAnotherKindOfMiddleware: Bool { true }
}

/// A middleware with a function for the request.
public protocol RequestFilter: _MiddlewareWithFunction {
    /// Called before the handler. Returns a response to send instead, or nil to continue. If it returns a response or
    /// throws, neither the handler nor `after` of the same value is called. Runs on the handler's thread: if that is
    /// the reactor's, it must not block.
    func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response?
}

/// A middleware with a function for the response.
public protocol ResponseFilter: _MiddlewareWithFunction {
    /// Called with the response, which it may change. A streamed response has no bytes yet. Runs on the handler's
    /// thread: if that is the reactor's, it must not block.
    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response)
}

/// A middleware with a function for the request and one for the response.
public typealias Filter = RequestFilter & ResponseFilter

/// A middleware with a function for the request, one for the response, and a value that the first passes to the second.
///
/// ```swift
/// struct ServerTiming: StatefulFilter {
///     func begin(_ request: borrowing Request, context: inout RequestContext) -> FilterStep<ContinuousClock.Instant> {
///         .proceed(.now)
///     }
///
///     func end(
///         _ start: ContinuousClock.Instant, _ request: borrowing Request, context: inout RequestContext,
///         response: inout Response
///     ) {
///         response.headers["Server-Timing"] = "total;dur=\((.now - start) / .milliseconds(1))"
///     }
/// }
/// ```
public protocol StatefulFilter<State>: _MiddlewareWithFunction {
    /// The value of a request.
    associatedtype State

    /// Called before the handler, as `RequestFilter.before` is.
    func begin(_ request: borrowing Request, context: inout RequestContext) throws -> FilterStep<State>

    /// Called with the response, as `ResponseFilter.after` is, if `begin` returned `proceed`.
    func end(
        _ state: State, _ request: borrowing Request, context: inout RequestContext, response: inout Response)
}

/// What follows after a `StatefulFilter` has seen the request.
public enum FilterStep<State> {
    /// The handler is called.
    case proceed(State)
    /// This response is sent instead.
    case respond(Response)
}

/// A middleware with an async function for the request: one that asks a database or another service whether the request
/// may continue.
///
/// Inline handlers that it wraps are called in a task. `before` runs where the handler does: on the reactor's thread,
/// which it must not block, or on a blocking handler's thread, which waits while `before` does. What it awaits runs
/// where Swift says; a `before` that is marked `@concurrent` runs on a thread of Swift's itself.
public protocol AsyncRequestFilter: _MiddlewareWithFunction {
    /// Called before the handler. Returns a response to send instead, or nil to continue. If it returns a response or
    /// throws, neither the handler nor `after` of the same value is called.
    nonisolated(nonsending)
        func before(_ request: borrowing Request, context: inout RequestContext) async throws -> Response?
}

/// A middleware with an async function around the handler.
///
/// Inline handlers that it wraps are called in a task. `handle` runs where the handler does: on the reactor's thread,
/// which it must not block, or on a blocking handler's thread, which waits while `handle` does. What it awaits runs
/// where Swift says.
public protocol AsyncMiddleware: _MiddlewareWithFunction {
    /// The next middleware or the handler. Throws what that throws. It runs where the handler runs, wherever it is
    /// called from.
    typealias Next = nonisolated(nonsending) (borrowing Request, inout RequestContext) async throws -> Response

    /// Calls `next` once, with its own arguments, or responds without calling it.
    nonisolated(nonsending)
        func handle(_ request: borrowing Request, context: inout RequestContext, next: Next) async throws -> Response
}

/// A middleware that sets the options of routes, or that can be created with invalid values.
public protocol RouteConfiguration: _MiddlewareWithFunction {
    /// Changes the options of a route, or rejects the values that the middleware was created with; see
    /// `RouteOptions.reject(_:because:)`. Called when the routes are passed to a server: for each route that the
    /// middleware wraps, and once for the router that uses it, whose options have no effect.
    func configure(_ options: inout RouteOptions)
}

/// A middleware that changes responses which the server sends in a handler's place.
public protocol RefusalFilter: _MiddlewareWithFunction {
    /// Called instead of all other functions when the server responds with 503 in the handler's place, because the pool
    /// is full, or the request timed out or waited for too long before a thread was free. Must not block, since it may
    /// run on the reactor's thread or on the one that monitors the pool. No thread is free for a response that is a
    /// `Response.blockingStream`: it becomes a 500, and the log says why. A `Response.stream` is sent.
    func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response)
}
