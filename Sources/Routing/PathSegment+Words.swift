import HTTPCore

// Words of eight bytes, little-endian. The last word of a path is padded with slashes, so that the end of the path
// looks like the end of a segment.
extension PathSegment {
    private static var slashes: UInt64 { 0x2F2F_2F2F_2F2F_2F2F }

    /// The high bits of the bytes that are slashes; only the lowest one is reliable.
    @inline(__always)
    static func slashMarks(_ word: UInt64) -> UInt64 {
        let difference = word ^ slashes
        return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
    }

    /// The bytes of a word before its first slash, followed by zeros. There must be a slash.
    @inline(__always)
    static func bytes(of word: UInt64, below marks: UInt64) -> UInt64 {
        word & (marks ^ (marks &- 1)) &>> 8
    }

    /// Reads the rest of a segment of eight bytes or more, from `position`. Out of line, as `shortWord` is.
    @inline(never)
    static func readOn(
        _ path: borrowing RawSpan, from position: Int, hash: SegmentHash
    ) -> (hash: SegmentHash, end: Int) {
        var (hash, end) = (hash, position)
        while true {
            let word = word(path, at: end)
            let marks = slashMarks(word)
            if marks != 0 {
                hash.mix(bytes(of: word, below: marks))
                return (hash, end &+ marks.trailingZeroBitCount &>> 3)
            }
            hash.mix(word)
            end &+= 8
        }
    }

    @inline(__always)
    static func word(_ path: borrowing RawSpan, at position: Int) -> UInt64 {
        let count = path.byteCount
        let missing = position &- count &+ 8
        if missing <= 0 {
            // The eight bytes are within the path: just checked, and a position is never negative.
            return UInt64(
                littleEndian: unsafe path.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt64.self))
        }
        if missing >= 8 { return slashes }
        if count < 8 { return shortWord(path, at: position) }
        // The path's last byte is shifted down from the highest byte.
        let shift = UInt64(truncatingIfNeeded: missing &* 8)
        return path.load(at: count &- 8) as UInt64 &>> shift | slashes &<< (0 &- shift)
    }

    /// The word at a position in a path of fewer than eight bytes. Out of line, to keep the common case short.
    @inline(never)
    private static func shortWord(_ path: borrowing RawSpan, at position: Int) -> UInt64 {
        let count = path.byteCount
        var word: UInt64
        // Bytes that are loaded twice coincide.
        if count >= 4 {
            word = UInt64(path.load(at: 0) as UInt32)
            word |= UInt64(path.load(at: count &- 4) as UInt32) &<< UInt64((count &- 4) &* 8)
        } else {
            word = UInt64(path.byte(at: 0))
            word |= UInt64(path.byte(at: count &>> 1)) &<< UInt64((count &>> 1) &* 8)
            word |= UInt64(path.byte(at: count &- 1)) &<< UInt64((count &- 1) &* 8)
        }
        let shift = UInt64(truncatingIfNeeded: position &* 8)
        return word &>> shift | slashes &<< (UInt64(truncatingIfNeeded: count &* 8) &- shift)
    }
}
