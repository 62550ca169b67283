#if Compression
    import CZlib

    /// zlib's state for one gzip stream after the other, RFC 1952. It takes some 260 KB, and is made and cleared at a
    /// cost, so it is kept for the next stream: see `DeflaterPool`.
    @safe
    final class Deflater: @unchecked Sendable {
        // `@unchecked Sendable`: only whoever took it from its pool, or made it, uses it.

        /// Bytes that are handed out at once.
        static let pieceByteCount = 16 * 1024

        /// What becomes of the bytes that zlib would like to keep for a better choice.
        enum Mode {
            /// All come out, at the cost of about five bytes.
            case flush
            /// All come out, and the stream ends.
            case finish
        }

        // On the heap, since zlib's state points back to it. Owned: freed in `deinit`, as is the piece.
        private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        private let piece = UnsafeMutablePointer<UInt8>.allocate(capacity: Deflater.pieceByteCount)

        /// - Parameter level: from 1, quick, to 9, thorough.
        init(level: Int) {
            unsafe stream.initialize(to: z_stream())
            // 15 bits of window, and 16 for the gzip format; 8 is the usual share of memory.
            let status = unsafe deflateInit2_(
                stream, Int32(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            precondition(status == Z_OK, "zlib has no memory, or is another than the one that was compiled against")
        }

        deinit {
            _ = unsafe deflateEnd(stream)
            unsafe stream.deallocate()
            unsafe piece.deallocate()
        }

        /// Forgets the stream, however far it got, and is ready for another.
        func reset() { _ = unsafe deflateReset(stream) }

        /// Takes bytes, and calls `emit` with what they become, in pieces of 16 KiB at most.
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
                // No error is possible but that there is nothing to do, which the count says too.
                _ = unsafe deflate(stream, flush)
                let count = Deflater.pieceByteCount - Int(unsafe stream.pointee.avail_out)
                // The bytes that zlib has just written, and the next round overwrites.
                if count > 0 { unsafe emit(RawSpan(_unsafeStart: piece, byteCount: count)) }
            } while unsafe stream.pointee.avail_out == 0
        }
    }
#endif
