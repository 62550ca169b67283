#if Compression
    /// The gzip coding of a streamed body.
    final class GzipBody: BodyCoding {
        private let pool: DeflaterPool
        private let deflater: Deflater

        init(_ pool: DeflaterPool) {
            self.pool = pool
            deflater = pool.take()
        }

        deinit { pool.giveBack(deflater) }

        func encode(_ bytes: RawSpan, emit: (RawSpan) -> Void) {
            // A flush without bytes would only add an empty block.
            guard bytes.byteCount > 0 else { return }
            deflater.encode(bytes, .flush, emit: emit)
        }

        func finish(emit: (RawSpan) -> Void) {
            deflater.encode(RawSpan(), .finish, emit: emit)
        }
    }
#endif
