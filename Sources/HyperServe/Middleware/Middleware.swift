/// Wraps handlers: sees a request before the handler does, and the answer after it, and may replace either.
///
/// A middleware is added with `Router.use` for all routes of a router or group, or with `with:` for one route. It calls
/// `next` once to go on to the next middleware or the handler, or answers by itself without calling it. Those of the
/// outermost router also wrap the 404, 405 and OPTIONS answers that the server gives by itself.
///
/// There are two functions because a handler that returns at once can't wait for one that awaits. Whoever only looks
/// at requests and answers writes a `Filter`, where one function each serves both.
///
/// One value serves all threads at once.
public protocol Middleware: Sendable {
    /// Wraps inline and blocking handlers; runs on their thread, the reactor's or the pool's. On the reactor's it must
    /// not block.
    ///
    /// - Parameters:
    ///   - context: what belongs to the request; pass it on to `next`.
    ///   - next: the rest of the way. Throws what the handler throws.
    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response

    /// Wraps async handlers; runs in their task.
    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response

    /// Called instead of `handle` when the server responds with 503 in the handler's place, because the pool has no
    /// room for the request or its time was over before it had a thread. Must not block: it may run on the reactor's
    /// thread. The default leaves the response as it is.
    ///
    /// - Parameter response: what is sent; it may be changed.
    func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response)

    /// Changes what is decided about a request before its handler is called, or reports that the middleware can't work
    /// with the values it was created with; see `RouteOptions.reject(_:because:)`. Called when the routes are given to
    /// a server: for each route that the middleware wraps, and once for the router that uses it, whose options have no
    /// effect. The default changes nothing.
    func configure(_ options: inout RouteOptions)
}

extension Middleware {
    /// Leaves the response as it is.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {}

    /// Changes nothing.
    public func configure(_ options: inout RouteOptions) {}
}
