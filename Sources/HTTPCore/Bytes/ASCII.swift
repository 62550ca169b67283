/// Names and classes of the bytes in HTTP's grammar.
@usableFromInline
package enum ASCII {
    @inlinable package static var tab: UInt8 { 0x09 }
    @inlinable package static var lineFeed: UInt8 { 0x0A }
    @inlinable package static var carriageReturn: UInt8 { 0x0D }
    @inlinable package static var space: UInt8 { 0x20 }

    /// Space or tab, the white space of RFC 9110 section 5.6.3.
    @inlinable @inline(__always)
    package static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    @inlinable @inline(__always)
    package static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// The value of a hexadecimal digit, or nil.
    @inlinable @inline(__always)
    package static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte &- UInt8(ascii: "0") }
        let letter = (byte | 0x20) &- UInt8(ascii: "a")
        return letter < 6 ? letter &+ 10 : nil
    }

    /// The lower-case hexadecimal digit for a value below 16.
    @inlinable @inline(__always)
    package static func hexadecimalDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &+ value &- 10
    }

    /// The lower-case form of a letter; any other byte unchanged.
    @inlinable @inline(__always)
    package static func lowercased(_ byte: UInt8) -> UInt8 {
        byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
    }

    /// A word of eight bytes with its letters in lower case; all other bytes, those beyond ASCII included, unchanged.
    package static func lowercased(_ word: UInt64) -> UInt64 {
        let low = word & 0x7F7F_7F7F_7F7F_7F7F
        // The high bit of each byte: whether it is at least "A", and whether it is beyond "Z".
        let isAtLeastA = low &+ 0x3F3F_3F3F_3F3F_3F3F
        let isBeyondZ = low &+ 0x2525_2525_2525_2525
        return word | (isAtLeastA & ~isBeyondZ & ~word & 0x8080_8080_8080_8080) &>> 2
    }
}
