/// An error that a handler throws to respond with a status of its choice. Any other error becomes a 500.
public struct HTTPError: Error, Sendable {
    /// The status of the response.
    public var status: Status
    /// The body of the response, as plain text. The client sees it.
    public var message: String
    /// The problem details to send instead of the message, if the client accepts them.
    public var problem: ProblemDetails?

    /// Creates an error. Without a message, the response has no body.
    public init(_ status: Status, _ message: String = "") {
        self.status = status
        self.message = message
    }

    /// Creates an error with problem details. Their detail, or else their title, is the message for clients that don't
    /// accept them.
    public init(_ problem: ProblemDetails) {
        status = problem.status
        message = problem.detail ?? problem.title ?? ""
        self.problem = problem
    }
}

extension HTTPError {
    /// Returns the response to the request whose handler threw this error. It is plain text if the request's Accept
    /// field excludes problem details.
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

/// The format in which clients get the errors that handlers throw.
public enum ErrorFormat: Sendable {
    /// The message as plain text; for an error with `ProblemDetails`, those.
    case text
    /// `ProblemDetails` with the message as their detail.
    case problemDetails
}
