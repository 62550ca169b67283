/// A middleware with a synchronous function for the request, one for the response, or both. They serve inline, blocking
/// and async handlers alike.
///
/// A streamed response of a filter must be of the handler's kind: produced by a thread that may block if the handler is
/// blocking, and by a task otherwise. A request without a route is handled like those of a route with the same path. If
/// there is none, it depends on the router's routes: inline if one of them is, else in a task if one of them is async.
///
/// If the handler throws, `after` gets the response that `RequestContext.response(to:for:)` returns for the error.
public protocol Filter: Middleware {
    /// Called before the handler. Returns a response to send instead, or nil to continue, which is the default. If it
    /// returns a response or throws, neither the handler nor `after` is called.
    func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response?

    /// Called with the response, which it may change. The default changes nothing. A streamed response has no bytes
    /// yet.
    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response)
}

extension Filter {
    /// Continues with the handler.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? { nil }

    /// Does not change the response.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {}

    /// Calls `before`, `next` and `after`.
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

    /// Calls `before`, `next` and `after`.
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
