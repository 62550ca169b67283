/// A middleware that looks at the request before the handler, at the answer after it, or both, without waiting. Each of
/// its functions serves inline, blocking and async handlers alike.
///
/// A streamed response that a filter makes is of the handler's kind: produced by a thread that may block where the
/// handler is blocking, by a task otherwise. Requests without a route are handled like one of the path's routes, or, if
/// the path has none, like the router's: in place if it has an inline route, else in a task if it has an async one.
///
/// What the handler throws has become an answer when `after` sees it, as `RequestContext.response(to:for:)` says.
public protocol Filter: Middleware {
    /// Called before the handler. Returns an answer to give instead, or nil to go on. The default goes on. When it
    /// answers or throws, neither the handler is called nor `after`.
    func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response?

    /// Called with the answer, which it may change. The default leaves it as it is. A streamed answer has no bytes yet.
    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response)
}

extension Filter {
    /// Goes on.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? { nil }

    /// Leaves the answer as it is.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {}

    /// Calls `before`, what comes next, and `after`.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        if let response = try before(request, context: &context) { return response }
        var response: Response
        do {
            response = try next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        after(request, context: &context, response: &response)
        return response
    }

    /// Calls `before`, what comes next, and `after`.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        if let response = try before(request, context: &context) { return response }
        var response: Response
        do {
            response = try await next(request, &context)
        } catch {
            response = context.response(to: error, for: request)
        }
        after(request, context: &context, response: &response)
        return response
    }
}
