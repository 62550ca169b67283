/// How much of a chunked body may be anything but data.
public struct ChunkLimits: Sendable, Equatable {
    /// Bytes of the extensions of one chunk, from the first byte behind the size to the end of its line. 400 beyond.
    public var maximumExtensionByteCount = 1024
    /// Bytes of size lines, extensions included, beyond an allowance of 16 for each chunk and 2 for each byte of its
    /// data. Generous to a long stream of honest chunks, and the end of a stream that is mostly extensions. 400
    /// beyond.
    public var maximumOverheadByteCount = 16 * 1024
    /// Bytes of the trailer section. 431 beyond.
    public var maximumTrailerByteCount = 8 * 1024
    /// Trailer lines. 431 beyond.
    public var maximumTrailerCount = 32

    public init() {}
}
