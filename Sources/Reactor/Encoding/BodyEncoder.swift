package import HTTP1
package import HTTPCore

/// The encoder for a body that is written while it is sent, as its head has announced: one case per protocol.
package enum BodyEncoder: Sendable {
    case http1(ResponseEncoder.BodyEncoder)

    /// Appends bytes of the body.
    package func append(_ bytes: RawSpan, to output: inout ByteBuffer) {
        switch self {
        case .http1(let encoder): encoder.append(bytes, to: &output)
        }
    }

    /// Appends what ends the body. Returns false, and appends nothing, if a trailer was not announced or is not valid.
    /// Where the protocol can't send trailers, they are left out.
    package func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) -> Bool {
        switch self {
        case .http1(let encoder): encoder.appendEnd(trailers, to: &output)
        }
    }
}
