import HTTPCore
import Reactor

/// A response's body while it is written: what was declared about it is checked, then it goes through its content
/// coding, if it has one, and to the protocol's encoder.
struct StreamedBody {
    private let encoder: BodyEncoder
    /// Bytes that were declared and not written yet.
    private var missing: Int?
    private let coding: (any BodyCoding)?
    /// Bytes of the body so far, in its content coding, without framing.
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
        // A copy, since the closure can't change this value while it is being changed.
        var byteCount = byteCount
        coding.encode(bytes) { piece in
            byteCount += piece.byteCount
            encoder.append(piece, to: &output)
        }
        self.byteCount = byteCount
    }

    /// Appends what ends the body. Throws, and appends nothing, if bytes are missing or a trailer is not valid.
    mutating func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) throws(StreamError) {
        guard missing ?? 0 == 0 else { throw .lengthNotReached }
        var byteCount = byteCount
        coding?.finish { piece in
            byteCount += piece.byteCount
            encoder.append(piece, to: &output)
        }
        self.byteCount = byteCount
        try encoder.appendEnd(trailers, to: &output)
    }
}
