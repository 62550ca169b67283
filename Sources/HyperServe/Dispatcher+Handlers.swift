import Reactor

// Calls handlers with their middlewares around them, and turns what they throw into answers.
extension Dispatcher {
    /// Calls a handler that returns at once or blocks.
    func run(_ request: borrowing Request) -> Response {
        let route = request.incoming.route
        var context = RequestContext(self, route: route)
        do {
            return try table.withRoute(route) { try $0.run(request, &context) }
        } catch {
            return context.response(to: error, for: request)
        }
    }

    /// Calls the handler of a request that has a task.
    func runInTask(_ request: borrowing Request) async -> Response {
        let route = request.incoming.route
        var context = RequestContext(self, route: route)
        do {
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
        // Of a request that cannot be read the reactor has told the client and the log; and nobody is left to tell
        // about a client that has left.
        if (error as? StreamError)?.isMistake ?? !(error is CancellationError) {
            log?("500 to \(request.method) \(request.path): the handler threw \(error)")
        }
        let answer = try? HTTPError(.internalServerError).response(to: request, format: errorFormat)
        return answer ?? .status(.internalServerError)
    }

    /// Reports what broke an answer off after its head was sent.
    func reportAborted(_ error: any Error) {
        // That a client has left is no news.
        if error as? StreamError == .disconnected || error is CancellationError { return }
        log?("an answer was broken off: \(error)")
    }
}
