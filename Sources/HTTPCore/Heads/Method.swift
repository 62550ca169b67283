/// A request method of RFC 9110 section 9.3 or RFC 5789. A request with any other token gets status 501 before routing.
public enum Method: UInt8, Sendable, CaseIterable {
    /// Transfers the target's representation.
    case get
    /// Same as GET, without the content.
    case head
    /// Has the target process the content.
    case post
    /// Replaces the target's state with the content.
    case put
    /// Removes the target's state.
    case delete
    /// Opens a tunnel to the target.
    case connect
    /// Asks for the communication options of the target.
    case options
    /// Performs a loop-back test along the path to the target.
    case trace
    /// Changes the target as the content says (RFC 5789).
    case patch

    /// The token in a request line.
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
    /// The token.
    public var description: String { "\(name)" }
}

extension Method {
    /// The method whose token is `bytes[start..<end]`, or nil.
    package init?(_ bytes: Span<UInt8>, from start: Int, to end: Int) {
        for method in Method.allCases where bytes.equals(method.name, from: start, to: end) {
            self = method
            return
        }
        return nil
    }
}
