#if Compression
    extension Compression {
        /// Maximum size of a body that is compressed at once on a reactor's thread, while other connections wait.
        private static let maximumByteCountAtOnce = 64 * 1024

        /// Returns the body in gzip, or nil if it would be no shorter and `mustShrink` is true.
        func compressed(
            _ body: Response.Body, _ context: borrowing RequestContext, mustShrink: Bool
        ) -> Response.Body? {
            switch body {
            case .empty:
                return mustShrink ? nil : compressedAtOnce(RawSpan(), mustShrink: false)
            case .stream(let stream):
                let pool = pool
                return .stream(stream.coded { GzipBody(pool) })
            // Bytes of an array and the UTF-8 of a String expose nothing else.
            case .bytes(let bytes):
                if bytes.count > Self.maximumByteCountAtOnce, !context.isOnPool { return compressedInPieces(bytes) }
                return unsafe compressedAtOnce(bytes.span.bytes, mustShrink: mustShrink)
            case .text(let text):
                if text.utf8.count > Self.maximumByteCountAtOnce, !context.isOnPool {
                    return compressedInPieces(Array(text.utf8))
                }
                return unsafe compressedAtOnce(text.utf8.span.bytes, mustShrink: mustShrink)
            }
        }

        /// A body of unknown length that is never sent, for a response to HEAD.
        static var unknownBody: Response.Body {
            .stream(ResponseStream(contentLength: nil, trailerNames: [], producer: .async { _ in }))
        }

        private func compressedAtOnce(_ bytes: RawSpan, mustShrink: Bool) -> Response.Body? {
            let deflater = pool.take()
            defer { pool.giveBack(deflater) }
            var result: [UInt8] = []
            // The usual size of compressed text; the array grows for more.
            result.reserveCapacity(bytes.byteCount / 3 + 64)
            deflater.encode(bytes, .finish) { piece in
                unsafe piece.withUnsafeBytes { unsafe result.append(contentsOf: $0) }
            }
            return mustShrink && result.count >= bytes.byteCount ? nil : .bytes(result)
        }

        /// Returns a stream that yields to other tasks after each piece.
        private func compressedInPieces(_ bytes: [UInt8]) -> Response.Body {
            let pool = pool
            let stream = ResponseStream(
                contentLength: bytes.count, trailerNames: [],
                producer: .async { writer in
                    var start = 0
                    while start < bytes.count {
                        let end = min(start + Self.maximumByteCountAtOnce, bytes.count)
                        try await writer.write(Array(bytes[start..<end]))
                        start = end
                        await Task.yield()
                    }
                })
            return .stream(stream.coded { GzipBody(pool) })
        }
    }
#endif
