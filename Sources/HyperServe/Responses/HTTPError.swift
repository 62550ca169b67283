/// An error that a handler throws to respond with a status of its choice. Any other error becomes a 500.
public struct HTTPError: Error, Sendable {
    /// The status of the response.
    public var status: Status
    /// The body of the response, as plain text. The client sees it.
    public var message: String
    /// The problem details to send instead of the message, if the client accepts them.
    public var problem: ProblemDetails?
    /// Further header fields of the response, in every format. They are checked as those of a ``Response`` are: an
    /// invalid one becomes a 500 and a line in the log.
    public var headers: HeaderFields

    /// Creates an error. Without a message, the plain text has no body.
    public init(_ status: Status, _ message: String = "", headers: HeaderFields = .init()) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    /// Creates an error with problem details. Their detail, or else their title, is the message for clients that don't
    /// accept them.
    public init(_ problem: ProblemDetails, headers: HeaderFields = .init()) {
        status = problem.status
        message = problem.detail ?? problem.title ?? ""
        self.problem = problem
        self.headers = headers
    }
}
