import HTTP1
import Reactor

/// Puts a streamed body into the framing that its head has announced, RFC 9112 section 6.
struct BodyFramer {
    enum Framing {
        case chunked
        /// Content-Length; this many bytes are missing.
        case length(remaining: Int)
        /// HTTP/1.0 without a length.
        case untilClose
    }

    private var framing: Framing
    private let trailerNames: [String]

    init(_ framing: Framing, trailerNames: [String]) {
        self.framing = framing
        self.trailerNames = trailerNames
    }

    /// Appends bytes of the body. Throws, and appends nothing, if there are more than were declared.
    mutating func append(_ bytes: RawSpan, to output: inout ByteBuffer) throws(StreamError) {
        switch framing {
        case .chunked: return output.appendChunk(bytes)
        case .untilClose: break
        case .length(let remaining):
            guard bytes.byteCount <= remaining else { throw .lengthExceeded }
            framing = .length(remaining: remaining - bytes.byteCount)
        }
        output.append(bytes)
    }

    /// Appends what ends the body. Throws, and appends nothing, if bytes are missing or a trailer is not valid.
    func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) throws(StreamError) {
        switch framing {
        case .length(let remaining):
            guard remaining == 0 else { throw .lengthNotReached }
        case .untilClose: break
        case .chunked:
            let start = output.count
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
    }
}
