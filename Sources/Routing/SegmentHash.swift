/// The hash of an edge: of the node at its start and the decoded bytes of its segment, eight at a time.
///
/// The table contains the application's own patterns, so no client can fill it with collisions, and the hash has to be
/// cheap and even but not secret.
struct SegmentHash {
    private var value: UInt64

    /// Creates the hash with a segment's first word: up to eight bytes, little-endian, followed by zeros.
    @inline(__always)
    init(node: UInt32, prefix: UInt64) {
        // The golden ratio spreads neighbouring numbers over the whole range.
        value = (UInt64(node) &* 0x9E37_79B9_7F4A_7C15 ^ prefix) &* Self.multiplier
    }

    /// Adds the word after a full one. It may be empty, since a segment ends with a word that is not full.
    @inline(__always)
    mutating func mix(_ word: UInt64) {
        // The high bits of a product are the best ones, so they are part of the next one.
        value = (value ^ value &>> 32 ^ word) &* Self.multiplier
    }

    /// The first index to probe in a table of `1 << (64 - shift)` entries.
    @inline(__always)
    func index(shift: UInt64) -> Int { Int(truncatingIfNeeded: value &>> shift) }

    private static var multiplier: UInt64 { 0xD6E8_FEB8_6659_FD93 }
}
