import Reactor

// Calls handlers with their middlewares around them, and turns what they throw into responses.
extension Dispatcher {
    /// Calls a handler that returns at once or blocks; or, without a route, makes the server's own response.
    func run(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        do {
            guard case .route(let route) = context.destination else { return try runWithoutRoute(request, &context) }
            return try table.withRoute(route) { try $0.run(request, &context) }
        } catch {
            return context.response(to: error, for: request)
        }
    }

    /// The same for a request that has a task.
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

    /// 503 for a request whose handler is not called, because the pool has no room or the time for it is over. Only
    /// those middlewares have their say that are made for it, since the others may block.
    func refuse(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        var response = Response(
            status: .serviceUnavailable, contentType: .plainText, headers: ["Retry-After": "1"],
            body: .text("Service Unavailable\n"))
        for middleware in chain(context.destination).middlewares {
            middleware.refused(request, context: &context, response: &response)
        }
        return response
    }

    /// What an error becomes unless the application says otherwise.
    func response(to error: any Error, _ request: borrowing Request) -> Response {
        if let error = error as? HTTPError {
            do {
                return try error.response(to: request, format: errorFormat)
            } catch {
                log?("500 to \(request.method) \(request.path): its problem details can't be encoded: \(error)")
                return .status(.internalServerError)
            }
        }
        report(error, of: request)
        let response = try? HTTPError(.internalServerError).response(to: request, format: errorFormat)
        return response ?? .status(.internalServerError)
    }

    /// Reports an error that a handler threw, unless it only says that the request is over.
    private func report(_ error: any Error, of request: borrowing Request) {
        guard request.isOver else {
            log?("500 to \(request.method) \(request.path): the handler threw \(error)")
            return
        }
        // The reactor has reported it if it is worth it: that the client is gone, is not.
        if error is CancellationError || (error as? StreamError)?.isMistake == false { return }
        log?("the handler of \(request.method) \(request.path) threw \(error), after its request was over")
    }

    /// Reports what broke a response off after its head was sent.
    func reportAborted(_ error: any Error) {
        // That a client has left is no news.
        if error as? StreamError == .disconnected || error is CancellationError { return }
        log?("a response was broken off: \(error)")
    }
}
