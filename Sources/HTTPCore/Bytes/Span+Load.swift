extension RawSpan {
    /// The byte at `offset`, which must be within the bytes.
    @inlinable @inline(__always)
    package func byte(at offset: Int) -> UInt8 {
        // Any byte is a valid UInt8; the offset is checked.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The little-endian integer at `offset`, which must lie within the bytes.
    @inlinable @inline(__always)
    package func load<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Integer {
        // Any bytes are a valid integer; the offset is checked.
        Integer(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}

extension Span where Element == UInt8 {
    /// Whether the bytes at `offset` are `literal`, which has as many bytes as `Word`; one load and one comparison.
    @inlinable @inline(__always)
    package func has<Word: FixedWidthInteger & BitwiseCopyable>(
        _ literal: StaticString, at offset: Int, as type: Word.Type
    ) -> Bool {
        let size = MemoryLayout<Word>.size
        precondition(literal.utf8CodeUnitCount == size, "the literal fills the word")
        precondition(offset >= 0 && offset <= count &- size, "a word must lie within the bytes")
        return unsafe withUnsafeBytes { bytes in
            // In bounds: just checked; unaligned loads of integers are always valid.
            let expected = unsafe UnsafeRawPointer(literal.utf8Start).loadUnaligned(as: type)
            return unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type) == expected
        }
    }
}
