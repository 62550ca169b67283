extension RawSpan {
    /// The byte at `offset`, which must be inside.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        // Any byte is a UInt8; the offset is checked.
        unsafe unsafeLoad(fromByteOffset: offset, as: UInt8.self)
    }

    /// The bytes of an integer from `offset`, which must be inside, the first in the lowest place.
    @inline(__always)
    func load<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Integer {
        // Any bytes are an integer; the offset is checked.
        Integer(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}
