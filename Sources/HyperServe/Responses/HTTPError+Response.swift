extension HTTPError {
    /// The answer to the request whose handler threw this error. Clients whose Accept field excludes problem details
    /// are told in plain text.
    func response(to request: borrowing Request, format: ErrorFormat) throws -> Response {
        let problem =
            switch format {
            case .text: problem
            case .problemDetails: problem ?? ProblemDetails(status, detail: message.isEmpty ? nil : message)
            }
        if let problem, request.accepts(.problemDetails) || request.accepts(.json) { return try .problem(problem) }
        return message.isEmpty ? .status(status) : .text(message, status: status)
    }
}
