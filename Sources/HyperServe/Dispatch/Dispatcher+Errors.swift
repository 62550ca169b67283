import HTTPCore
import Reactor

// Error responses, all of which have the format of the configuration.
extension Dispatcher {
    /// The error when no thread of the pool was free.
    private var unavailable: ErrorDescription {
        ErrorDescription(.serviceUnavailable, headers: ["Retry-After": "1"])
    }

    /// Returns 503 for a request whose handler is not called, because the pool is full, or the request timed out or has
    /// waited for a thread for too long. Of the middlewares only `refused` is called, since their other functions may
    /// block.
    func refuse(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        var response = response(to: unavailable, request)
        chain(context.destination).refuse(request, &context, &response)
        return response
    }

    /// Returns the standard response to an error.
    func response(to error: any Error, _ request: borrowing Request) -> Response {
        if let error = error as? HTTPError { return response(to: ErrorDescription(error), request) }
        if error is BlockingError { return response(to: unavailable, request) }
        report(error, of: request)
        return failure(of: request)
    }

    /// Returns the response in place of one that can't be sent, or does not exist.
    func failure(of request: borrowing Request) -> Response {
        response(to: ErrorDescription(withoutText: .internalServerError), request)
    }

    /// Returns the response to an error of a request.
    @inline(never)
    func response(to error: ErrorDescription, _ request: borrowing Request) -> Response {
        response(to: error) { FailedRequest(request.incoming.head, request.head) }
    }

    private func response(to error: ErrorDescription, _ request: () -> FailedRequest?) -> Response {
        let cause: any Error
        do {
            return try errorFormat.response(to: error, request)
        } catch {
            cause = error
        }
        let subject = request().map { "\($0.method) \($0.path)" } ?? "a request that was refused"
        guard case .custom = errorFormat else {
            log?("500 to \(subject): its problem details can't be encoded: \(cause)")
            // It has no members that can fail again.
            return response(to: ErrorDescription(withoutText: .internalServerError), request)
        }
        log?("\(error.status) to \(subject) in plain text, since the error format failed: \(cause)")
        return error.fallback
    }

    func errorResponse(_ status: Status, detail: String, to head: RequestHead?, bytes: RawSpan) -> CompleteResponse {
        // The bytes are valid during this call, and the view is used no longer.
        let view = unsafe bytes.withUnsafeBytes { unsafe HeadView(bytes: $0) }
        let response = response(to: ErrorDescription(status, detail: detail)) { head.map { FailedRequest($0, view) } }
        return CompleteResponse(head: response.head, content: response.content)
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

    /// Logs the error that aborted a response after its head was sent, unless the client disconnected.
    func reportAborted(_ error: any Error) {
        if error as? StreamError == .disconnected || error is CancellationError { return }
        log?("a response was aborted: \(error)")
    }
}
