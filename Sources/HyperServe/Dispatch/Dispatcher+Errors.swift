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
    /// block. So may a `blockingStream`, in place of which the client gets a 500.
    func refuse(_ request: borrowing Request, _ context: inout RequestContext) -> Response {
        var response = response(to: unavailable, request)
        chain(context.destination).refuse(request, &context, &response)
        guard response.stream?.isBlocking == true else { return response }
        if request.isOver { return failure(of: request) }
        report(
            .error, "a RefusalFilter set a blockingStream, which has no thread: respond with stream and await writes",
            status: .internalServerError, of: request, context)
        return failure(of: request)
    }

    /// Returns the standard response to an error, which is logged.
    func response(
        to error: any Error, _ request: borrowing Request, _ context: borrowing RequestContext
    ) -> Response {
        if error is BlockingError { return response(to: unavailable, request) }
        guard let error = error as? HTTPError else {
            report(thrown: error, by: request, context)
            return failure(of: request)
        }
        let response = response(to: ErrorDescription(error), request)
        report(thrown: error, status: response.status, by: request, context)
        return response
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
        guard case .custom = errorFormat else {
            reportFormat(
                "the problem details of an error can't be encoded by the rules of their coding", cause,
                .internalServerError, request())
            // It has no members that can fail again.
            return response(to: ErrorDescription(withoutText: .internalServerError), request)
        }
        reportFormat("the error format failed, and the response is plain text", cause, error.status, request())
        return error.fallback
    }

    private func reportFormat(_ message: String, _ cause: any Error, _ status: Status, _ request: FailedRequest?) {
        log.write(.error) {
            var entry = LogEntry(.error, message, error: cause, fields: ["status": "\(status.code)"])
            entry.method = request?.method
            if let path = request?.path { entry.fields["path"] = .string(path) }
            return entry
        }
    }

    func routePattern(of head: RequestHead, bytes: RawSpan) -> String? {
        // The table may have been replaced since the request began, and numbers of routes are valid in one table.
        guard case .route(let route) = Destination(packed: plan(for: head, bytes: bytes).route) else { return nil }
        return table.pattern(route)
    }

    func errorResponse(_ status: Status, detail: String, to head: RequestHead?, bytes: RawSpan) -> CompleteResponse {
        // The bytes are valid during this call, and the view is used no longer.
        let view = unsafe bytes.withUnsafeBytes { unsafe HeadView(bytes: $0) }
        let response = response(to: ErrorDescription(status, detail: detail)) { head.map { FailedRequest($0, view) } }
        return CompleteResponse(head: response.head, content: response.content)
    }
}
