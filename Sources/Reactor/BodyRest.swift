/// What an answer that is given now would leave of the request's body, and so whether another request can be read
/// behind it. In the order in which a request goes through them: doubts get settled, and none comes up later.
public enum BodyRest: UInt8, Sendable {
    /// The client waits for 100: it may send the body after the answer, or not, and what follows could be read two ways
    /// (RFC 9110 section 10.1.1). The answer has to be the connection's last.
    case unasked
    /// More than is thrown away for the sake of the connection: an answer that is complete has to be its last.
    case long
    /// Nothing, or what can be thrown away. Of a chunked body that is not known, and hoped.
    case short
}
