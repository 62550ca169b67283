/// How the errors that handlers throw are told to clients.
public enum ErrorFormat: Sendable {
    /// The message as plain text. An error that carries `ProblemDetails` is answered with those.
    case text
    /// As `ProblemDetails` with the message as their detail.
    case problemDetails
}
