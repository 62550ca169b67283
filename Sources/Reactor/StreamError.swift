/// Why a body could not be read, or an answer not be written, to its end.
public enum StreamError: Error, Sendable, Equatable {
    /// The client left, was too slow, or the server stopped: nothing more comes or goes.
    case disconnected
    /// The body is malformed; the client was answered with an error.
    case bodyMalformed
    /// The body is longer than its route allows; the client was answered with 413.
    case bodyTooLarge
    /// The body came slower than the minimum rate; the client was answered with 408.
    case bodyTooSlow
    /// More was written than the Content-Length that was declared. The connection is closed.
    case lengthExceeded
    /// Less was written than the Content-Length that was declared. The connection is closed.
    case lengthNotReached
    /// A trailer was not declared, is malformed, or must not be one (RFC 9110 section 6.5.1).
    case trailerNotAllowed
}

extension StreamError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disconnected: "the connection is gone"
        case .bodyMalformed: "the request's body is malformed"
        case .bodyTooLarge: "the request's body is too large"
        case .bodyTooSlow: "the request's body came too slowly"
        case .lengthExceeded: "more was written than the Content-Length that was declared"
        case .lengthNotReached: "less was written than the Content-Length that was declared"
        case .trailerNotAllowed: "a trailer is not declared, malformed, or not allowed"
        }
    }
}
