/// Comparisons with literals.
extension Span where Element == UInt8 {
    /// Whether `self[start..<end]` is `literal`, byte for byte.
    @inlinable
    package func equals(_ literal: StaticString, from start: Int, to end: Int) -> Bool {
        guard end - start == literal.utf8CodeUnitCount else { return false }
        for index in start..<end {
            // In bounds: the lengths are equal.
            let expected = unsafe literal.utf8Start[index - start]
            if self[index] != expected { return false }
        }
        return true
    }

    /// Whether `self[start..<end]` is `literal`, ignoring the case of its letters.
    ///
    /// The literal has 4 to 16 bytes, which are lower-case letters, digits and hyphens; the bytes contain no control
    /// bytes. So comparing with the bit set that distinguishes lower from upper case is exact. Two overlapping loads
    /// cover any such length, and the compiler computes the loads of the literal.
    @inlinable @inline(__always)
    package func equalsIgnoringCase(_ literal: StaticString, from start: Int, to end: Int) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard end &- start == count else { return false }
        precondition(count >= 4 && count <= 16, "a literal of 4 to 16 bytes")
        precondition(start >= 0 && end <= self.count, "a comparison must stay within the bytes")
        return unsafe withUnsafeBytes { bytes in
            // In bounds: both were just checked to have `count` bytes; unaligned loads of integers are always valid.
            let expected = unsafe UnsafeRawPointer(literal.utf8Start)
            let found = unsafe bytes.baseAddress! + start
            if count >= 8 {
                let isEqual = unsafe Self.matches(found, expected, as: UInt64.self)
                return unsafe isEqual && Self.matches(found + (count &- 8), expected + (count &- 8), as: UInt64.self)
            }
            let isEqual = unsafe Self.matches(found, expected, as: UInt32.self)
            return unsafe isEqual && Self.matches(found + (count &- 4), expected + (count &- 4), as: UInt32.self)
        }
    }

    @unsafe @inlinable @inline(__always)
    static func matches<Word: FixedWidthInteger & BitwiseCopyable>(
        _ found: UnsafeRawPointer, _ expected: UnsafeRawPointer, as type: Word.Type
    ) -> Bool {
        let caseBits = Word(truncatingIfNeeded: 0x2020_2020_2020_2020 as UInt64)
        return unsafe found.loadUnaligned(as: type) | caseBits == expected.loadUnaligned(as: type)
    }
}
