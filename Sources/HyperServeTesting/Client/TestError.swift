/// Why a test client has no answer to give. What it was asked for is the test's to expect; that it could not be had is
/// thrown.
public enum TestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server closed the connection before the answer was complete, or before all was sent.
    case connectionClosed
    /// What the server sent is no HTTP/1.1 answer: this is where it stops being one.
    case malformedAnswer(String)
    /// What the test wants to send cannot stand in a request.
    case malformedRequest(String)

    /// A sentence for the person who reads the test's output.
    public var description: String {
        switch self {
        case .connectionClosed: "the server closed the connection"
        case .malformedAnswer(let text): "the answer is malformed: \(text)"
        case .malformedRequest(let text): "the request is malformed: \(text)"
        }
    }
}
