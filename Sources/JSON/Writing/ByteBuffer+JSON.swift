package import HTTPCore

// JSON strings and numbers, RFC 8259 sections 6 and 7.
extension ByteBuffer {
    /// Appends a string in quotation marks. Quotation marks, backslashes and control characters are escaped; everything
    /// else is appended unchanged, in UTF-8.
    package mutating func appendJSON(string: String) {
        // The bytes are valid for the call, and so is the span.
        let isWritten: Void? = unsafe string.utf8.withContiguousStorageIfAvailable { utf8 in
            let text = unsafe RawSpan(_unsafeElements: utf8)
            if !appendPlain(text) { appendEscaped(text) }
        }
        precondition(isWritten != nil, "every string contains UTF-8, except on Apple's systems")
    }

    mutating func appendJSON(integer: some FixedWidthInteger) {
        guard let magnitude = UInt64(exactly: integer.magnitude) else { return append(utf8: String(integer)) }
        if integer < 0 { append(byte: UInt8(ascii: "-")) }
        append(digitsOf: magnitude)
    }

    /// Appends the shortest text that reads as the same number; false if the number is not finite.
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
    /// Appends a text between quotation marks, or returns false and appends nothing if it has to be escaped.
    @inline(__always)
    private mutating func appendPlain(_ text: borrowing RawSpan) -> Bool {
        var isPlain = true
        let byteCount = text.byteCount
        unsafe append(maximum: byteCount + 2) { room in
            // In bounds: there is room for two more bytes than the text has.
            unsafe room[0] = UInt8(ascii: "\"")
            isPlain = unsafe Self.copyPlain(text, to: room.baseAddress! + 1)
            guard isPlain else { return 0 }
            unsafe room[byteCount + 1] = UInt8(ascii: "\"")
            return byteCount + 2
        }
        return isPlain
    }

    /// Copies a text; returns false if something in it has to be escaped. The caller guarantees room for all of it.
    @unsafe @inline(__always)
    private static func copyPlain(_ text: borrowing RawSpan, to room: UnsafeMutableRawPointer) -> Bool {
        let count = text.byteCount
        guard count >= 8 else { return unsafe copyShort(text, to: room) }
        var offset = 0
        // The last eight bytes, which may overlap those before.
        while offset &+ 8 < count {
            let word: UInt64 = text.load(at: offset)
            if escapeMarks(word) != 0 { return false }
            unsafe room.storeBytes(of: word.littleEndian, toByteOffset: offset, as: UInt64.self)
            offset &+= 8
        }
        let word: UInt64 = text.load(at: count - 8)
        unsafe room.storeBytes(of: word.littleEndian, toByteOffset: count - 8, as: UInt64.self)
        return escapeMarks(word) == 0
    }

    /// Copies a text of fewer than eight bytes: as two halves or three bytes, which may overlap.
    @unsafe @inline(__always)
    private static func copyShort(_ text: borrowing RawSpan, to room: UnsafeMutableRawPointer) -> Bool {
        let count = text.byteCount
        if count >= 4 {
            let (first, last): (UInt32, UInt32) = (text.load(at: 0), text.load(at: count - 4))
            unsafe room.storeBytes(of: first.littleEndian, as: UInt32.self)
            unsafe room.storeBytes(of: last.littleEndian, toByteOffset: count - 4, as: UInt32.self)
            return escapeMarks(UInt64(first) | UInt64(last) << 32) == 0
        }
        if count == 0 { return true }
        let (first, middle): (UInt8, UInt8) = (text.load(at: 0), text.load(at: count >> 1))
        let last: UInt8 = text.load(at: count - 1)
        unsafe room.storeBytes(of: first, as: UInt8.self)
        unsafe room.storeBytes(of: middle, toByteOffset: count >> 1, as: UInt8.self)
        unsafe room.storeBytes(of: last, toByteOffset: count - 1, as: UInt8.self)
        let spaces: UInt64 = 0x2020_2020_2020_2020
        return escapeMarks(spaces << 24 | UInt64(first) << 16 | UInt64(middle) << 8 | UInt64(last)) == 0
    }

    /// The high bits of those bytes of a word that need escaping; only the lowest one is reliable.
    ///
    /// Subtracting from each byte sets the high bit of those below the subtrahend. A byte that borrows from its
    /// neighbour has its own bit set, so the lowest bit set is always right. Bytes whose high bit was set before are
    /// not ASCII.
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
                append(byte: ASCII.hexadecimalDigit(digit))
            }
        default: append(byte: byte)
        }
    }
}
