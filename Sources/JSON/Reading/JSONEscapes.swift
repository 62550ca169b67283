import HTTPCore

/// The escapes of strings, RFC 8259 section 7.
enum JSONEscapes {
    /// Returns the UTF-8 of a string with its escapes, which were validated, replaced.
    static func removed(from text: Span<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "\\") else {
                bytes.append(text[position])
                position += 1
                continue
            }
            if text[position + 1] == UInt8(ascii: "u") {
                let scalar = scalar(text, at: &position)
                bytes.append(contentsOf: UTF8.encode(scalar)!)
            } else {
                bytes.append(plain(text[position + 1]))
                position += 2
            }
        }
        return bytes
    }

    /// The value of four hexadecimal digits, which must lie within the text; nil if one of them is not a digit.
    static func unit(_ text: Span<UInt8>, digitsAt start: Int) -> UInt16? {
        var unit: UInt16 = 0
        for position in start..<start + 4 {
            guard let digit = ASCII.hexadecimalValue(text[position]) else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    /// Returns the scalar of `\uXXXX` or of a surrogate pair, and advances `position` past it.
    private static func scalar(_ text: Span<UInt8>, at position: inout Int) -> Unicode.Scalar {
        let first = unit(text, digitsAt: position + 2)!
        position += 6
        guard UTF16.isSurrogate(first) else { return Unicode.Scalar(first)! }
        let second = unit(text, digitsAt: position + 2)!
        position += 6
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    /// The byte that a letter after a backslash represents.
    private static func plain(_ letter: UInt8) -> UInt8 {
        switch letter {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: letter
        }
    }
}
