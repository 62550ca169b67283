import Glibc

/// Parses a `multipart/form-data` body as it arrives, RFC 2046 section 5.1 and RFC 7578.
///
/// It stores only bytes that may be the beginning of a delimiter, and the header section of a part: at most as many as
/// that may have, and one chunk.
struct MultipartParser {
    enum Event {
        /// All appended bytes are used.
        case needsMore
        /// A part begins. Its content follows.
        case part(MultipartHead)
        /// Bytes of the content, never empty.
        case bytes([UInt8])
        /// The part is complete.
        case partEnd
        /// There are no more parts.
        case end
    }

    private enum State {
        case preamble, delimiterEnd, header, content, end
    }

    private static let carriageReturn = UInt8(ascii: "\r")

    /// A line break, two hyphens and the boundary.
    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    // Starts with a line break, which a delimiter at the beginning of the body does not have.
    private var bytes: [UInt8] = Array("\r\n".utf8)
    /// Number of bytes that are used.
    private var position = 0
    private var isComplete = false
    private var state = State.preamble
    /// The line break that ends a header section may also be that of a delimiter; then the part has no content.
    private var isAtEmptyLine = false
    private var partCount = 0
    private var byteCount = 0

    init(boundary: String, limits: MultipartLimits) {
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
    }

    /// Appends bytes of the body.
    mutating func append(_ more: [UInt8]) throws(HTTPError) {
        byteCount += more.count
        if let maximum = limits.maximumByteCount, byteCount > maximum {
            throw .tooLarge("The form", limit: maximum, "bytes", setting: "MultipartLimits.maximumByteCount")
        }
        if state == .end { return }
        bytes.removeSubrange(..<position)
        bytes += more
        position = 0
    }

    /// Marks the end of the body.
    mutating func finish() { isComplete = true }

    /// Returns the next event.
    mutating func next() throws(HTTPError) -> Event {
        while true {
            let event =
                switch state {
                case .preamble: try skipPreamble()
                case .delimiterEnd: try readDelimiterEnd()
                case .header: try readHeader()
                case .content: readContent()
                case .end: Event.end
                }
            if case .needsMore = event, isComplete { throw HTTPError(.badRequest, "The form breaks off.") }
            if let event { return event }
        }
    }

    // Each of these returns nil after a change of state, if there is no event yet.

    private mutating func skipPreamble() throws(HTTPError) -> Event? {
        position = nextDelimiter()
        guard bytes.count - position >= delimiter.count else { return .needsMore }
        position += delimiter.count
        state = .delimiterEnd
        return nil
    }

    /// After a boundary, two hyphens end the form, and optional white space and a line break begin a part.
    private mutating func readDelimiterEnd() throws(HTTPError) -> Event? {
        var end = position
        if bytes[end...].starts(with: "--".utf8) {
            state = .end
            bytes = []
            position = 0
            return .end
        }
        while end < bytes.count, bytes[end] == UInt8(ascii: " ") || bytes[end] == UInt8(ascii: "\t") { end += 1 }
        let rest = bytes[end...].prefix(2)
        guard "\r\n".utf8.starts(with: rest) || end == position && "--".utf8.starts(with: rest),
            end - position <= limits.maximumHeaderByteCount
        else { throw HTTPError(.badRequest, "A boundary of the form is not followed by a line break.") }
        guard rest.count == 2 else { return .needsMore }
        partCount += 1
        guard partCount <= limits.maximumPartCount else {
            throw .tooLarge(
                "The form", limit: limits.maximumPartCount, "parts", setting: "MultipartLimits.maximumPartCount")
        }
        // The line break is kept: with it, a header section without fields ends in an empty line like any other.
        position = end
        state = .header
        return nil
    }

    private mutating func readHeader() throws(HTTPError) -> Event? {
        // After the line break that ends the boundary's line.
        let start = position + 2
        var end = position
        while let found = lineBreak(from: end) {
            if found + 4 <= bytes.count, bytes[found + 2] == Self.carriageReturn, bytes[found + 3] == 0x0A {
                guard found + 4 - start <= limits.maximumHeaderByteCount else { break }
                let lines = found < start ? [] : bytes[start..<found]
                position = found + 2
                isAtEmptyLine = true
                state = .content
                return .part(try MultipartHead(lines))
            }
            end = found + 2
        }
        guard bytes.count - start < limits.maximumHeaderByteCount else {
            throw .tooLarge(
                "The header section of a part", limit: limits.maximumHeaderByteCount, "bytes",
                setting: "MultipartLimits.maximumHeaderByteCount")
        }
        return .needsMore
    }

    private mutating func readContent() -> Event? {
        let end = nextDelimiter()
        let hasDelimiter = bytes.count - end >= delimiter.count
        if isAtEmptyLine {
            if end == position, !hasDelimiter { return .needsMore }
            isAtEmptyLine = false
            if end > position { position += 2 }
            return nil
        }
        if end > position {
            defer { position = end }
            return .bytes(Array(bytes[position..<end]))
        }
        guard hasDelimiter else { return .needsMore }
        position += delimiter.count
        state = .delimiterEnd
        return .partEnd
    }

    /// The index of the next line break of which both bytes have arrived.
    private func lineBreak(from start: Int) -> Int? {
        var index = start
        while let found = firstIndex(of: Self.carriageReturn, from: index), found + 1 < bytes.count {
            if bytes[found + 1] == 0x0A { return found }
            index = found + 1
        }
        return nil
    }

    /// The index of the next delimiter, or of bytes at the end that may be the beginning of one; else the end.
    private func nextDelimiter() -> Int {
        var index = position
        while let found = firstIndex(of: Self.carriageReturn, from: index) {
            var count = 1
            while count < delimiter.count, found + count < bytes.count, bytes[found + count] == delimiter[count] {
                count += 1
            }
            if count == delimiter.count || found + count == bytes.count { return found }
            index = found + 1
        }
        return bytes.count
    }

    private func firstIndex(of byte: UInt8, from start: Int) -> Int? {
        unsafe bytes.withUnsafeBytes { buffer in
            guard start < buffer.count, let base = buffer.baseAddress else { return nil }
            // In bounds: just checked.
            guard let found = unsafe memchr(base + start, Int32(byte), buffer.count - start) else { return nil }
            return unsafe UnsafeRawPointer(found) - base
        }
    }
}
