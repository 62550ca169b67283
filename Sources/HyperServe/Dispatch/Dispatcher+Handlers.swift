import Reactor

// Calls handlers inside their middlewares, and turns thrown errors into responses.
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

    /// Returns 503 for a request whose handler is not called, because the pool is full or the request timed out. Of the
    /// middlewares only `refused` is called, since their other functions may block.
    func refuse(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        var response = Response(
            status: .serviceUnavailable, contentType: .plainText, headers: ["Retry-After": "1"],
            body: .text("Service Unavailable\n"))
        chain(context.destination).refuse(request, &context, &response)
        return response
    }

    /// Returns the standard response to an error, which is logged.
    func response(
        to error: any Error, _ request: borrowing Request, _ context: borrowing RequestContext
    ) -> Response {
        guard let error = error as? HTTPError else {
            report(thrown: error, by: request, context)
            let response = try? HTTPError(.internalServerError).response(to: request, format: errorFormat)
            return response ?? .status(.internalServerError)
        }
        do {
            let response = try error.response(to: request, format: errorFormat)
            report(thrown: error, status: response.status, by: request, context)
            return response
        } catch {
            report(
                .error, "problem details can't be encoded", error: error, status: .internalServerError, of: request,
                context)
            return .status(.internalServerError)
        }
    }
}
