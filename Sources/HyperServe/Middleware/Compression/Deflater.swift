#if Compression
    import CZlib

    /// The state of zlib, for one gzip stream (RFC 1952) at a time. It takes about 260 KB and is expensive to create,
    /// so it is reused for later streams: see `DeflaterPool`.
    @safe
    final class Deflater: @unchecked Sendable {
        // `@unchecked Sendable`: only the owner uses it, which took it from its pool or created it.

        /// Maximum number of bytes in a call of `emit`.
        static let pieceByteCount = 16 * 1024

        /// What to do with bytes that zlib would otherwise buffer.
        enum Mode {
            /// Emit all bytes, which costs about five bytes more.
            case flush
            /// Emit all bytes and end the stream.
            case finish
        }

        // On the heap, since zlib's state points back to it. Owned: freed in `deinit`, as is the piece.
        private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        private let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: Deflater.pieceByteCount)

        /// - Parameter level: from 1, the fastest, to 9, the smallest.
        init(level: Int) {
            unsafe stream.initialize(to: z_stream())
            // A window of 15 bits, plus 16 for the gzip format; 8 is the default memory level.
            let status = unsafe deflateInit2_(
                stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            precondition(status == Z_OK, "zlib has no memory, or differs from the version that was compiled against")
        }

        deinit {
            _ = unsafe deflateEnd(stream)
            unsafe stream.deallocate()
            unsafe piece.deallocate()
        }

        /// Discards the current stream and prepares for another one.
        func reset() { _ = unsafe deflateReset(stream) }

        /// Compresses bytes, and calls `emit` with the result in pieces of at most 16 KiB.
        func encode(_ bytes: RawSpan, _ mode: Mode, emit: (RawSpan) -> Void) {
            unsafe bytes.withUnsafeBytes { input in
                var offset = 0
                repeat {
                    // zlib counts in 32 bits.
                    let count = min(input.count - offset, 1 << 30)
                    // zlib reads no more than these, and changes none; they are in place for this call.
                    let start = unsafe input.baseAddress?.advanced(by: offset).assumingMemoryBound(to: UInt8.self)
                    unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(mutating: start)
                    unsafe stream.pointee.avail_in = UInt32(count)
                    offset += count
                    let isLast = offset == input.count
                    drain(isLast ? (mode == .finish ? Z_FINISH : Z_SYNC_FLUSH) : Z_NO_FLUSH, emit)
                } while offset < input.count
            }
        }

        private func drain(_ flush: Int32, _ emit: (RawSpan) -> Void) {
            repeat {
                unsafe stream.pointee.next_out = unsafe piece
                unsafe stream.pointee.avail_out = UInt32(Deflater.pieceByteCount)
                // The only possible error is that there is nothing to do, and then the count is 0.
                _ = unsafe deflate(stream, flush)
                let count = Deflater.pieceByteCount - Int(unsafe stream.pointee.avail_out)
                // The bytes that zlib has just written, valid until the next call.
                if count > 0 { unsafe emit(RawSpan(_unsafeStart: piece, byteCount: count)) }
            } while unsafe stream.pointee.avail_out == 0
        }
    }
#endif
