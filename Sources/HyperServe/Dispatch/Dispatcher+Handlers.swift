// Calls handlers inside their middlewares.
extension Dispatcher {
    /// Calls an inline or blocking handler; without a route, returns the server's own response.
    func run(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        do {
            guard case .route(let route) = context.destination else { return try runWithoutRoute(request, &context) }
            return try table.withRoute(route) { try $0.run(request, &context) }
        } catch {
            return context.response(to: error, for: request)
        }
    }

    /// Does the same in the request's task, for handlers of any kind.
    func runInTask(
        _ request: borrowing Request, _ context: inout RequestContext
    ) async -> Response {
        do {
            guard case .route(let route) = context.destination else {
                return try await chain(context.destination).run(request, &context) { request, context async in
                    responseWithoutRoute(request, context.destination)
                }
            }
            switch table.routes[route].target.handler {
            case .async(let handler):
                return try await table.routes[route].chain.run(request, &context, handler)
            case .inline(let handler), .blocking(let handler):
                return try await table.routes[route].chain.run(request, &context) { request, context async throws in
                    try handler(request, &context)
                }
            }
        } catch {
            return context.response(to: error, for: request)
        }
    }
}
