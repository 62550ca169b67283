/// Undoes the chunked transfer coding, RFC 9112 section 7.1: bytes in, ranges of data out.
///
/// It holds no bytes and no pointers and can be interrupted at any byte. Sizes are hexadecimal digits and nothing
/// else, lines end in CR LF, extensions are checked against the grammar and ignored, and trailers are checked like
/// field lines, never merged into the head's fields, and dropped unless the caller collects them.
public struct ChunkedDecoder: Sendable {
    /// What was found, with offsets into the bytes of the same call.
    public enum Event: Sendable, Equatable {
        /// Data, never empty. Go on decoding at `end`.
        case data(start: Int, end: Int)
        /// All bytes are used up, and the body is not over.
        case needsMore
        /// The body is over; what follows it begins at `next`.
        case end(next: Int)
        /// The body is malformed or beyond a limit. Answer if nothing was answered yet, and close.
        case rejected(Rejection)
    }

    public let limits: ChunkLimits

    var step = Step.sizeStart
    /// Data bytes of the current chunk that have not come yet; its size while that is being read.
    var remaining = 0
    /// Digits of the current chunk's size, leading zeros included.
    var sizeDigitCount = 0
    /// Bytes of the current chunk's extensions.
    var extensionByteCount = 0
    /// Bytes beyond the allowance; see `ChunkLimits.maximumOverheadByteCount`.
    var overheadByteCount = 0
    var trailerByteCount = 0
    var trailerCount = 0
    /// Where the trailer line under way begins in the caller's buffer.
    var trailerLineStart = 0
    /// Whether the trailer line under way is collected.
    var isKeepingTrailer = false
    private var rejection = Rejection?.none

    public init(limits: ChunkLimits = .init()) { self.limits = limits }

    /// Decodes `bytes` from `offset` on until something is to be reported. Trailers are checked and dropped.
    ///
    /// Call again with `offset` at the end of the data reported, and with the next bytes after `.needsMore`.
    public mutating func decode(_ bytes: RawSpan, from offset: Int) -> Event {
        var unused = ByteBuffer()
        return decode(bytes, from: offset, trailers: &unused, isCollecting: false)
    }

    /// As `decode(_:from:)`, and appends each accepted trailer to `trailers`: its line as sent, CR LF included.
    ///
    /// Trailers that would take part in framing, routing, authentication or the reading of the content are dropped
    /// (RFC 9110 section 6.5.1). What the buffer holds after `.rejected` is of no use.
    public mutating func decode(
        _ bytes: RawSpan, from offset: Int, collectingTrailersIn trailers: inout ByteBuffer
    ) -> Event {
        decode(bytes, from: offset, trailers: &trailers, isCollecting: true)
    }

    private mutating func decode(
        _ bytes: RawSpan, from offset: Int, trailers: inout ByteBuffer, isCollecting: Bool
    ) -> Event {
        precondition(offset >= 0 && offset <= bytes.byteCount, "decoding starts within the bytes")
        if let rejection { return .rejected(rejection) }
        // The rest of a line whose beginning was collected is of no use.
        if !isCollecting { isKeepingTrailer = false }
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        var position = offset
        do throws(Rejection) {
            while step != .complete {
                guard position < input.count else { return .needsMore }
                if step == .data { return takeData(from: position, available: input.count - position) }
                let byte = input[position]
                position += 1
                if step < .data {
                    try takeSizeLine(byte)
                } else if step < .trailerStart {
                    try takeChunkEnd(byte)
                } else {
                    try takeTrailer(byte, &trailers, isCollecting: isCollecting)
                }
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
    /// What the next byte belongs to, in the order in which things come.
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
