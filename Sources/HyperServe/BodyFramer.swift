import HTTP1
import HTTPCore
import Reactor

/// Puts a streamed body into the framing that its head has announced, RFC 9112 section 6.
struct BodyFramer {
    /// In chunks; else as it is, up to Content-Length or the connection's end.
    private let isChunked: Bool
    /// Bytes that were declared and not written yet.
    private var missing: Int?
    private let trailerNames: [String]
    private let coding: (any BodyCoding)?
    /// Bytes of the body so far, in its content coding, without framing.
    private(set) var byteCount = 0

    init(_ stream: ResponseStream, isChunked: Bool) {
        self.isChunked = isChunked
        missing = stream.declaredByteCount
        trailerNames = stream.trailerNames
        coding = stream.makeCoding?()
    }

    /// Appends bytes of the body. Throws, and appends nothing, if there are more than were declared.
    mutating func append(_ bytes: RawSpan, to output: inout ByteBuffer) throws(StreamError) {
        if let missing {
            guard bytes.byteCount <= missing else { throw .lengthExceeded }
            self.missing = missing - bytes.byteCount
        }
        guard let coding else { return frame(bytes, &output) }
        // A copy, since the closure can't change this value while it is being changed.
        var byteCount = byteCount
        coding.encode(bytes) { piece in
            byteCount += piece.byteCount
            append(piece, &output)
        }
        self.byteCount = byteCount
    }

    /// Appends what ends the body. Throws, and appends nothing, if bytes are missing or a trailer is not valid.
    mutating func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) throws(StreamError) {
        guard missing ?? 0 == 0 else { throw .lengthNotReached }
        let start = output.count
        var byteCount = byteCount
        coding?.finish { piece in
            byteCount += piece.byteCount
            append(piece, &output)
        }
        self.byteCount = byteCount
        guard isChunked else { return }
        output.append("0\r\n")
        for field in trailers {
            guard trailerNames.contains(where: { isSameName($0, field.name) }),
                output.appendField(name: field.name, value: field.value)
            else {
                output.truncate(to: start)
                throw .trailerNotAllowed
            }
        }
        output.appendHeadEnd()
    }

    private mutating func frame(_ bytes: RawSpan, _ output: inout ByteBuffer) {
        byteCount += bytes.byteCount
        append(bytes, &output)
    }

    private func append(_ bytes: RawSpan, _ output: inout ByteBuffer) {
        if isChunked { output.appendChunk(bytes) } else { output.append(bytes) }
    }
}
