import Reactor

// Calls handlers, and turns what they throw into answers.
extension Dispatcher {
    func run(_ handler: Handler, _ request: borrowing Request) -> Response {
        do {
            return try handler(request)
        } catch {
            return response(to: error, request)
        }
    }

    func run(_ handler: AsyncHandler, _ request: borrowing Request) async -> Response {
        do {
            return try await handler(request)
        } catch {
            return response(to: error, request)
        }
    }

    /// Reports what broke an answer off after its head was sent.
    func reportAborted(_ error: any Error) {
        // That a client has left is no news.
        if error as? StreamError == .disconnected || error is CancellationError { return }
        log?("an answer was broken off: \(error)")
    }

    private func response(to error: any Error, _ request: borrowing Request) -> Response {
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
        if !(error is StreamError || error is CancellationError) {
            log?("500 to \(request.method) \(request.path): the handler threw \(error)")
        }
        let answer = try? HTTPError(.internalServerError).response(to: request, format: errorFormat)
        return answer ?? .status(.internalServerError)
    }
}
