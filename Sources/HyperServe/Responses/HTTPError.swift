/// An error that a handler throws to answer with a status of its choice. Any other error thrown becomes a 500.
public struct HTTPError: Error, Sendable {
    /// The status of the answer.
    public var status: Status
    /// The body of the answer, as plain text. It is shown to the client.
    public var message: String
    /// The problem that the answer describes instead, if the client can read that.
    public var problem: ProblemDetails?

    /// Creates an error; without a message the answer has no body.
    public init(_ status: Status, _ message: String = "") {
        self.status = status
        self.message = message
    }

    /// Creates an error that is answered with a description for programs; its detail, or else its title, is the
    /// message for others.
    public init(_ problem: ProblemDetails) {
        status = problem.status
        message = problem.detail ?? problem.title ?? ""
        self.problem = problem
    }
}
