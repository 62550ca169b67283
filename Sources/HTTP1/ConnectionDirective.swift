/// What an answer says about the connection it came on, RFC 9112 section 9.
public enum ConnectionDirective: Sendable, Equatable {
    /// It stays open, and in HTTP/1.1 that needs no words.
    case keepAlive
    /// It stays open, said aloud because the client speaks HTTP/1.0.
    case http10KeepAlive
    /// It closes after this answer.
    case close

    /// The whole field line with its CR LF, or nothing.
    @inline(__always)
    var line: StaticString {
        switch self {
        case .keepAlive: ""
        case .http10KeepAlive: "Connection: keep-alive\r\n"
        case .close: "Connection: close\r\n"
        }
    }
}
