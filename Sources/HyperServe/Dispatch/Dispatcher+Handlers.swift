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

    /// Returns the standard response to an error.
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

    /// Logs an error that a handler threw, unless the end of its request caused it.
    private func report(_ error: any Error, of request: borrowing Request) {
        guard request.isOver else {
            log?("500 to \(request.method) \(request.path): the handler threw \(error)")
            return
        }
        // The reactor has logged why the request ended, unless the client disconnected, which is not logged.
        if error is CancellationError || (error as? StreamError)?.isMistake == false { return }
        log?("the handler of \(request.method) \(request.path) threw \(error), after its request was over")
    }

    /// Logs the error that aborted a response after its head was sent, unless the client disconnected, or the closure
    /// has ended the body early because the server closes.
    func reportAborted(_ error: any Error, isServerClosing: Bool) {
        if error as? StreamError == .disconnected || error is CancellationError { return }
        if error as? StreamError == .lengthNotReached, isServerClosing { return }
        log?("a response was aborted: \(error)")
    }
}
