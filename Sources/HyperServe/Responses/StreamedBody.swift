import HTTPCore
import Reactor

/// The body of a response while it is written. It checks the declared length, applies the content coding, if there is
/// one, and passes the bytes to the protocol's encoder.
struct StreamedBody {
    private let encoder: BodyEncoder
    /// Number of bytes that were declared and are not written yet.
    private var missing: Int?
    private let coding: (any BodyCoding)?
    /// Number of bytes of the body so far, in its content coding, without framing.
    private(set) var byteCount = 0

    init(_ stream: ResponseStream, _ encoder: BodyEncoder) {
        self.encoder = encoder
        missing = stream.declaredByteCount
        coding = stream.makeCoding?()
    }

    /// Appends bytes of the body. Throws, and appends nothing, if there are more than were declared.
    mutating func append(_ bytes: RawSpan, to output: inout ByteBuffer) throws(StreamError) {
        if let missing {
            guard bytes.byteCount <= missing else { throw .lengthExceeded }
            self.missing = missing - bytes.byteCount
        }
        guard let coding else {
            byteCount += bytes.byteCount
            return encoder.append(bytes, to: &output)
        }
        // A copy, so that the closure does not capture `self` while it is being mutated.
        var byteCount = byteCount
        coding.encode(bytes) { piece in
            byteCount += piece.byteCount
            encoder.append(piece, to: &output)
        }
        self.byteCount = byteCount
    }

    /// Appends the end of the body. Throws, and appends nothing, if bytes are missing or a trailer is invalid.
    mutating func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) throws(StreamError) {
        guard missing ?? 0 == 0 else { throw .lengthNotReached }
        var byteCount = byteCount
        coding?.finish { piece in
            byteCount += piece.byteCount
            encoder.append(piece, to: &output)
        }
        self.byteCount = byteCount
        guard encoder.appendEnd(trailers, to: &output) else { throw .trailerNotAllowed }
    }
}

/// A content coding (RFC 9110 section 8.4.1), applied to a streamed body before it is framed. Each body has its own.
protocol BodyCoding: AnyObject {
    /// Encodes bytes of the body. Calls `emit` with the complete result: no bytes are held back.
    func encode(_ bytes: RawSpan, emit: (RawSpan) -> Void)

    /// Calls `emit` with the end of the encoded body.
    func finish(emit: (RawSpan) -> Void)
}
