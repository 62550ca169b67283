/// The hash of an edge: of the node it leaves and the decoded bytes of the segment it takes, eight at a time.
///
/// The table holds the application's own patterns, so nobody outside can fill it with collisions, and the hash
/// needs to be cheap and even but not secret.
struct SegmentHash {
    private var value: UInt64

    /// The hash with a segment's first word: up to eight bytes, little-endian, zeros behind the last.
    @inline(__always)
    init(node: UInt32, prefix: UInt64) {
        // The golden ratio spreads neighbouring numbers over the whole range.
        value = (UInt64(node) &* 0x9E37_79B9_7F4A_7C15 ^ prefix) &* Self.multiplier
    }

    /// Mixes in the word behind a full one; it may be empty, since a segment ends with a word that is not full.
    @inline(__always)
    mutating func mix(_ word: UInt64) {
        // A product is good in its high bits, so those take part in the next one.
        value = (value ^ value &>> 32 ^ word) &* Self.multiplier
    }

    /// The place to look first in a table of `1 << (64 - shift)` places.
    @inline(__always)
    func place(shift: UInt64) -> Int { Int(truncatingIfNeeded: value &>> shift) }

    private static var multiplier: UInt64 { 0xD6E8_FEB8_6659_FD93 }
}
