/// What a response that begins now would leave of the request's body, and so whether another request can be read after
/// it. In the order in which a request goes through them: doubts get settled, and none comes up later.
public enum BodyRest: UInt8, Sendable {
    /// The client waits for 100: it may send the body after the response, or not, and what follows could be read two
    /// ways (RFC 9110 section 10.1.1). The response has to be the connection's last.
    case unasked
    /// More than is dropped for the sake of the connection: a response that is complete has to be its last.
    case long
    /// Nothing, or what can be dropped. The length of a chunked body is unknown; it is assumed to be short.
    case short
}
