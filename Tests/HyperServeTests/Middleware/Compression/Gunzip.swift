#if Compression
    import CZlib

    /// Decodes gzip piece by piece, like a client.
    @safe
    final class Gunzip {
        // On the heap, since zlib's state points back to it. Owned: freed in `deinit`.
        private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        /// Whether the stream has ended with the right checksum.
        private(set) var isComplete = false
        /// Whether the bytes are not gzip.
        private(set) var isBroken = false

        init() {
            unsafe stream.initialize(to: z_stream())
            let size = unsafe Int32(MemoryLayout<z_stream>.size)
            isBroken = unsafe inflateInit2_(stream, 15 + 16, ZLIB_VERSION, size) != Z_OK
        }

        deinit {
            _ = unsafe inflateEnd(stream)
            unsafe stream.deallocate()
        }

        /// Decodes bytes.
        func take(_ bytes: [UInt8]) -> [UInt8] {
            var input = bytes
            var result: [UInt8] = []
            var piece = [UInt8](repeating: 0, count: 32 * 1024)
            unsafe input.withUnsafeMutableBufferPointer { input in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = UInt32(input.count)
                var isFull = true
                while isFull, !isComplete, !isBroken {
                    let count = unsafe piece.withUnsafeMutableBufferPointer { piece in
                        unsafe stream.pointee.next_out = piece.baseAddress
                        unsafe stream.pointee.avail_out = UInt32(piece.count)
                        let status = unsafe inflate(stream, Z_SYNC_FLUSH)
                        isComplete = status == Z_STREAM_END
                        isBroken = status != Z_STREAM_END && status != Z_OK && status != Z_BUF_ERROR
                        return unsafe piece.count - Int(stream.pointee.avail_out)
                    }
                    result += piece[..<count]
                    isFull = count == piece.count
                }
            }
            // Nothing may follow the end.
            if isComplete, unsafe stream.pointee.avail_in > 0 { isBroken = true }
            return result
        }

        /// Decodes a complete stream; returns nil if it is malformed.
        static func content(_ bytes: [UInt8]) -> [UInt8]? {
            let gunzip = Gunzip()
            let content = gunzip.take(bytes)
            return gunzip.isComplete && !gunzip.isBroken ? content : nil
        }
    }
#endif
