public import HTTPCore

extension ResponseEncoder {
    /// An encoder for a body that is written while it is sent, as its head has announced (RFC 9112 section 6).
    public struct BodyEncoder: Sendable {
        /// Whether the body is chunked. Otherwise it is sent unchanged, up to Content-Length or the end of the
        /// connection.
        private let isChunked: Bool
        private let trailerNames: [String]

        init(isChunked: Bool, trailerNames: [String]) {
            self.isChunked = isChunked
            self.trailerNames = trailerNames
        }

        /// Appends bytes of the body.
        public func append(_ bytes: RawSpan, to output: inout ByteBuffer) {
            if isChunked { output.appendChunk(bytes) } else { output.append(bytes) }
        }

        /// Appends the last chunk and the trailer section. Returns false, and appends nothing, if a trailer was not
        /// announced or is not valid. A body that is not chunked has no trailers: they are left out.
        public func appendEnd(_ trailers: HeaderFields, to output: inout ByteBuffer) -> Bool {
            guard isChunked else { return true }
            let start = output.count
            output.append("0\r\n")
            for field in trailers {
                guard trailerNames.contains(where: { isSameName($0, field.name) }),
                    output.appendField(name: field.name, value: field.value)
                else {
                    output.truncate(to: start)
                    return false
                }
            }
            output.appendHeadEnd()
            return true
        }
    }
}
