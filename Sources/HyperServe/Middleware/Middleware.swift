/// Wraps handlers: it sees a request before the handler and the response after it, and may replace either.
///
/// A middleware is added with `Router.use` for all routes of a router or group, or with `with:` for one route. It calls
/// `next` once, for the next middleware or the handler, or responds without calling it. The middlewares of the
/// outermost router also wrap the server's own responses: 404, 405, and those to OPTIONS.
///
/// There are two `handle` functions because a synchronous one can't call an async handler. A middleware that needs only
/// the request and the response is a `Filter`, whose functions serve both kinds.
///
/// One value is used by all threads at once.
public protocol Middleware: Sendable {
    /// Wraps inline and blocking handlers; runs on their thread, the reactor's or the pool's. On the reactor's it must
    /// not block.
    ///
    /// - Parameters:
    ///   - context: the context of the request; pass it to `next`.
    ///   - next: calls the next middleware or the handler, and throws what that throws.
    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response

    /// Wraps async handlers; runs in their task.
    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response

    /// Called instead of `handle` when the server responds with 503 in the handler's place, because the pool is full or
    /// the request timed out before a thread was free. Must not block, since it may run on the reactor's thread. The
    /// default does not change the response.
    ///
    /// - Parameter response: the response that will be sent; it may be changed.
    func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response)

    /// Changes the options of a route, or rejects the values that the middleware was created with; see
    /// `RouteOptions.reject(_:because:)`. Called when the routes are passed to a server: for each route that the
    /// middleware wraps, and once for the router that uses it, whose options have no effect. The default changes
    /// nothing.
    func configure(_ options: inout RouteOptions)
}

extension Middleware {
    /// Does not change the response.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {}

    /// Changes nothing.
    public func configure(_ options: inout RouteOptions) {}
}
