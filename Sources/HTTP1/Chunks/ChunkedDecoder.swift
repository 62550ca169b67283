package import HTTPCore

/// A decoder of the chunked transfer coding, RFC 9112 section 7.1: bytes in, ranges of data out.
///
/// It stores no bytes and no pointers, and can be interrupted at any byte. Sizes are hexadecimal digits and nothing
/// else, and lines end in CR LF. Extensions are checked against the grammar and ignored. Trailers are checked like
/// field lines, never merged into the head's fields, and dropped unless the caller collects them.
package struct ChunkedDecoder: Sendable {
    /// The result of a call, with offsets into its bytes.
    package enum Event: Sendable, Equatable {
        /// Data, never empty. Continue decoding at `end`.
        case data(start: Int, end: Int)
        /// All bytes were consumed, and the body is not complete.
        case needsMore
        /// The body is complete; what follows it begins at `next`.
        case end(next: Int)
        /// The body is malformed or exceeds a limit. Send an error response unless a response was begun, and close.
        case rejected(Rejection)
    }

    package let limits: ChunkLimits

    var step = Step.sizeStart
    /// The number of data bytes of the current chunk that are still missing; its size while that is being read.
    var remaining = 0
    /// The number of digits in the current chunk's size, leading zeros included.
    var sizeDigitCount = 0
    /// The size of the current chunk's extensions in bytes.
    var extensionByteCount = 0
    /// The number of bytes beyond the allowance; see `ChunkLimits.maximumOverheadByteCount`.
    var overheadByteCount = 0
    var trailerByteCount = 0
    var trailerCount = 0
    /// The offset of the current trailer line in the caller's buffer.
    var trailerLineStart = 0
    /// Whether the current trailer line is collected.
    var isKeepingTrailer = false
    private var rejection = Rejection?.none

    package init(limits: ChunkLimits = .init()) { self.limits = limits }

    /// Decodes `bytes` from `offset` on until there is something to report. Trailers are checked and dropped.
    ///
    /// Call again with `offset` at the end of the data reported, and with the next bytes after `.needsMore`.
    package mutating func decode(_ bytes: RawSpan, from offset: Int) -> Event {
        var position = offset
        if let event = decodeChunks(bytes, &position) { return event }
        // The rest of a line whose beginning was collected is useless.
        isKeepingTrailer = false
        var unused = ByteBuffer()
        return decodeTrailers(bytes, from: position, &unused, isCollecting: false)
    }

    /// As `decode(_:from:)`, and also appends each accepted trailer to `trailers`: its line as sent, CR LF included.
    ///
    /// Trailers for framing, routing, authentication or the processing of the content are dropped (RFC 9110 section
    /// 6.5.1). After `.rejected` the contents of the buffer are useless.
    package mutating func decode(
        _ bytes: RawSpan, from offset: Int, collectingTrailersIn trailers: inout ByteBuffer
    ) -> Event {
        var position = offset
        if let event = decodeChunks(bytes, &position) { return event }
        return decodeTrailers(bytes, from: position, &trailers, isCollecting: true)
    }

    /// Decodes the chunks until there is something to report. Returns nil in the trailer section and after it; decoding
    /// then continues at `position`.
    @inline(__always)
    private mutating func decodeChunks(_ bytes: RawSpan, _ position: inout Int) -> Event? {
        precondition(position >= 0 && position <= bytes.byteCount, "decoding starts within the bytes")
        if let rejection { return .rejected(rejection) }
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        do throws(Rejection) {
            while step < .trailerStart {
                guard position < input.count else { return .needsMore }
                if step == .data { return takeData(from: position, available: input.count - position) }
                let byte = input[position]
                position += 1
                if step < .data { try takeSizeLine(byte) } else { try takeChunkEnd(byte) }
            }
            return nil
        } catch {
            rejection = error
            return .rejected(error)
        }
    }

    /// Decodes the trailer section up to the end of the body.
    @inline(__always)
    private mutating func decodeTrailers(
        _ bytes: RawSpan, from start: Int, _ trailers: inout ByteBuffer, isCollecting: Bool
    ) -> Event {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        var position = start
        do throws(Rejection) {
            while step != .complete {
                guard position < input.count else { return .needsMore }
                let byte = input[position]
                position += 1
                try takeTrailer(byte, &trailers, isCollecting: isCollecting)
            }
            return .end(next: position)
        } catch {
            rejection = error
            return .rejected(error)
        }
    }

    private mutating func takeData(from position: Int, available: Int) -> Event {
        let count = min(remaining, available)
        remaining -= count
        if remaining == 0 { step = .dataCarriageReturn }
        return .data(start: position, end: position + count)
    }

    /// RFC 9112 section 7.1: chunk data is followed by CR LF, exactly.
    private mutating func takeChunkEnd(_ byte: UInt8) throws(Rejection) {
        let isCarriageReturn = step == .dataCarriageReturn
        guard byte == (isCarriageReturn ? ASCII.carriageReturn : ASCII.lineFeed) else { throw .chunkEndMissing }
        step = isCarriageReturn ? .dataLineFeed : .sizeStart
    }
}

extension ChunkedDecoder {
    /// The element that the next byte belongs to, in the order of the grammar.
    enum Step: UInt8, Comparable {
        case sizeStart, size
        case beforeSemicolon, extensionNameStart, extensionName, afterExtensionName
        case extensionValueStart, extensionValue, quotedValue, quotedPair, quotedEnd
        case sizeLineFeed
        case data, dataCarriageReturn, dataLineFeed
        case trailerStart, trailerName, trailerValue, trailerLineFeed, finalLineFeed
        case complete

        static func < (left: Step, right: Step) -> Bool { left.rawValue < right.rawValue }
    }
}

/// The limits of the bytes in a chunked body that are not data.
package struct ChunkLimits: Sendable, Equatable {
    /// The size in bytes of the extensions of one chunk, from the first byte after the size to the end of its line. 400
    /// beyond.
    package var maximumExtensionByteCount = 1024
    /// The number of bytes in size lines, extensions included, beyond an allowance of 16 for each chunk and 2 for each
    /// byte of its data. Generous to a long stream of honest chunks, but it ends a stream that consists mostly of
    /// extensions. 400 beyond.
    package var maximumOverheadByteCount = 16 * 1024
    /// The size of the trailer section in bytes. 431 beyond.
    package var maximumTrailerByteCount = 8 * 1024
    /// The number of trailer lines. 431 beyond.
    package var maximumTrailerCount = 32

    package init() {}
}
