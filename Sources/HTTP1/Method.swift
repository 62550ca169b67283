/// A request method of RFC 9110 section 9.3 or RFC 5789. A request with any other token gets status 501 before routing.
public enum Method: UInt8, Sendable, CaseIterable {
    case get, head, post, put, delete, connect, options, trace, patch

    /// The token as it stands in a request line.
    public var name: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        }
    }
}

extension Method: CustomStringConvertible {
    public var description: String { "\(name)" }
}
