import HTTPCore

/// A segment of a path, which is the text between two slashes, with the hash and first bytes to find its edge.
struct PathSegment: BitwiseCopyable {
    let start: Int
    /// The index of the slash after it, or of the path's end.
    private(set) var end: Int
    /// The number of bytes after decoding.
    private(set) var decodedCount: Int
    /// The first eight decoded bytes, little-endian, followed by zeros.
    let prefix: UInt64
    /// The hash of the edge from the node with the decoded bytes as label.
    private(set) var hash: SegmentHash

    /// Reads the segment that begins at `start`, which contains no percent sign, eight bytes at a time.
    @inline(__always)
    init(_ path: borrowing RawSpan, start: Int, node: UInt32) {
        self.start = start
        if start == path.byteCount {
            (end, decodedCount, prefix, hash) = (start, 0, 0, SegmentHash(node: node, prefix: 0))
            return
        }
        let word = Self.word(path, at: start)
        let marks = Self.slashMarks(word)
        if marks != 0 {
            prefix = Self.bytes(of: word, below: marks)
            hash = SegmentHash(node: node, prefix: prefix)
            end = start &+ marks.trailingZeroBitCount &>> 3
        } else {
            prefix = word
            (hash, end) = Self.readOn(path, from: start &+ 8, hash: SegmentHash(node: node, prefix: prefix))
        }
        decodedCount = end &- start
    }

    /// Reads the segment that begins at `start`, decoding each `%` that is followed by two hexadecimal digits.
    init(decoding path: borrowing RawSpan, start: Int, node: UInt32) {
        self.init(path, start: start, node: node) { $0 }
    }

    /// Reads the segment like `init(decoding:start:node:)`, with its ASCII letters in lower case.
    init(decodingIgnoringCase path: borrowing RawSpan, start: Int, node: UInt32) {
        self.init(path, start: start, node: node, ASCII.lowercased)
    }

    @inline(__always)
    private init(
        _ path: borrowing RawSpan, start: Int, node: UInt32, _ changed: (_ word: UInt64) -> UInt64
    ) {
        self.start = start
        end = start
        var word = Self.decodedWord(path, at: &end)
        prefix = changed(word.bytes)
        hash = SegmentHash(node: node, prefix: prefix)
        decodedCount = word.count
        while word.count == 8 {
            word = Self.decodedWord(path, at: &end)
            hash.mix(changed(word.bytes))
            decodedCount &+= word.count
        }
    }

    @inline(__always)
    var isEmpty: Bool { end == start }

    /// Returns the decoded byte at `position`, and advances `position`; nil, without advancing, at a slash and at the
    /// end.
    ///
    /// A percent sign that is not followed by two hexadecimal digits is literal, so it only matches the same text in a
    /// pattern, or a parameter.
    static func nextDecodedByte(_ path: borrowing RawSpan, at position: inout Int) -> UInt8? {
        guard position < path.byteCount else { return nil }
        let byte = path.byte(at: position)
        if byte == UInt8(ascii: "/") { return nil }
        if byte == UInt8(ascii: "%"), position + 2 < path.byteCount,
            let high = ASCII.hexadecimalValue(path.byte(at: position + 1)),
            let low = ASCII.hexadecimalValue(path.byte(at: position + 2))
        {
            position += 3
            return high << 4 | low
        }
        position += 1
        return byte
    }

    /// Returns up to eight decoded bytes, fewer before a slash or the path's end, and advances `position`.
    private static func decodedWord(
        _ path: borrowing RawSpan, at position: inout Int
    ) -> (bytes: UInt64, count: Int) {
        var bytes: UInt64 = 0
        var count = 0
        while count < 8, let byte = nextDecodedByte(path, at: &position) {
            bytes |= UInt64(byte) &<< UInt64(count &* 8)
            count &+= 1
        }
        return (bytes, count)
    }
}
