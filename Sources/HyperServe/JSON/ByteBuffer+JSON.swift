import HTTP1

// JSON's own text: strings and numbers, RFC 8259 sections 6 and 7.
extension ByteBuffer {
    /// Appends a string with its quotation marks. Quotation marks, backslashes and control characters are escaped;
    /// everything else stands as it is, in UTF-8.
    mutating func appendJSON(string: String) {
        // The UTF-8 of a String exposes nothing else.
        let text = unsafe string.utf8Span.span.bytes
        if Self.needsEscaping(text) { return appendEscaped(text) }
        let count = text.byteCount
        unsafe append(maximum: count + 2) { room in
            // In bounds: there is room for two more bytes than the text has.
            unsafe room[0] = UInt8(ascii: "\"")
            unsafe text.withUnsafeBytes { source in
                unsafe UnsafeMutableRawBufferPointer(rebasing: room[1...]).copyMemory(from: source)
            }
            unsafe room[count + 1] = UInt8(ascii: "\"")
            return count + 2
        }
    }

    mutating func appendJSON(integer: some FixedWidthInteger) {
        guard let number = Int(exactly: integer), number != .min else { return append(utf8: String(integer)) }
        if number < 0 { append(byte: UInt8(ascii: "-")) }
        append(decimal: abs(number))
    }

    /// Appends the shortest text that reads as the same number; false for infinity and for what is not a number.
    mutating func appendJSON<Number: BinaryFloatingPoint & LosslessStringConvertible>(number: Number) -> Bool {
        guard number.isFinite else { return false }
        // Below this, all whole numbers are exact. Zero may be negative, which an integer can't be.
        if number.magnitude < 0x20_0000_0000_0000, number != 0, let whole = Int(exactly: number) {
            appendJSON(integer: whole)
            return true
        }
        let text = number.description
        append(utf8: text)
        if text.utf8.suffix(2).elementsEqual(".0".utf8) { truncate(to: count - 2) }
        return true
    }

}

// Escaping.
extension ByteBuffer {
    private static func needsEscaping(_ text: borrowing RawSpan) -> Bool {
        let count = text.byteCount
        if count < 8 { return escapeMarks(shortWord(text)) != 0 }
        var offset = 0
        while offset + 8 < count {
            if escapeMarks(text.load(at: offset)) != 0 { return true }
            offset += 8
        }
        // The last eight bytes, some of them for the second time.
        return escapeMarks(text.load(at: count - 8)) != 0
    }

    /// All bytes of a text of fewer than eight, in any order, some of them twice, and spaces.
    private static func shortWord(_ text: borrowing RawSpan) -> UInt64 {
        let count = text.byteCount
        if count >= 4 {
            return UInt64(text.load(at: 0) as UInt32) | UInt64(text.load(at: count - 4) as UInt32) << 32
        }
        let spaces: UInt64 = 0x2020_2020_2020_2020
        if count == 0 { return spaces }
        let (first, last): (UInt8, UInt8) = (text.load(at: 0), text.load(at: count - 1))
        let middle: UInt8 = text.load(at: count >> 1)
        return spaces << 24 | UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last)
    }

    /// The high bits of those bytes of a word that need escaping; only the lowest one is to be trusted.
    ///
    /// Taking a number from each byte sets the high bit of those below it; one that borrows from its neighbour has
    /// its own bit set, and the lowest bit set is always right. Bytes that had the bit before are not ASCII.
    static func escapeMarks(_ word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let control = word &- ones &* 0x20
        let quotation = (word ^ ones &* 0x22) &- ones
        let backslash = (word ^ ones &* 0x5C) &- ones
        return (control | quotation | backslash) & ~word & (ones &* 0x80)
    }

    private mutating func appendEscaped(_ text: borrowing RawSpan) {
        reserve(text.byteCount + 2)
        append(byte: UInt8(ascii: "\""))
        for offset in 0..<text.byteCount { appendEscaped(text.load(at: offset) as UInt8) }
        append(byte: UInt8(ascii: "\""))
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x09: append("\\t")
        case 0x0A: append("\\n")
        case 0x0C: append("\\f")
        case 0x0D: append("\\r")
        case 0..<0x20:
            append("\\u00")
            for digit in [byte >> 4, byte & 0xF] {
                append(byte: digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        default: append(byte: byte)
        }
    }
}

extension RawSpan {
    /// The bytes of an integer from `offset`, which must be inside, the first in the lowest place.
    func load<Integer: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Integer {
        // Any bytes are an integer; the offset is checked.
        Integer(littleEndian: unsafe unsafeLoadUnaligned(fromByteOffset: offset, as: Integer.self))
    }
}
