import HTTP1
package import HTTPCore

/// Encodes a response's body while it is sent, as its head has announced.
package struct BodyEncoder: Sendable {
    private let framing: ResponseEncoder.StreamFraming
    private let trailerNames: [String]

    init(_ framing: ResponseEncoder.StreamFraming, trailerNames: [String]) {
        self.framing = framing
        self.trailerNames = trailerNames
    }

    /// Appends bytes of the body.
    package func append(_ bytes: RawSpan, to output: inout ByteBuffer) {
        switch framing {
        case .chunked: output.appendChunk(bytes)
        case .plain: output.append(bytes)
        }
    }

    /// Appends what ends the body. Throws, and appends nothing, if a trailer was not announced or is not valid. Where
    /// the body is not framed in chunks, trailers are left out.
    package func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) throws(StreamError) {
        guard case .chunked = framing else { return }
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
