import HTTPCore

// Strings and numbers, RFC 8259 sections 6 and 7.
extension JSONParser {
    /// Reads a string, whose quotation mark is next, and validates its escapes.
    mutating func readString(_ text: Span<UInt8>) throws(JSONSyntaxError) -> JSONNode {
        let start = position + 1
        var kind = JSONNode.Kind.string
        position = start
        while true {
            position = Self.endOfPlain(text, from: position)
            guard position < text.count else { throw JSONSyntaxError("a string is not terminated", at: start - 1) }
            switch text[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return JSONNode(kind: kind, start: UInt32(start), end: UInt32(position), next: 0)
            case UInt8(ascii: "\\"):
                kind = .escapedString
                try readEscape(text)
            default:
                throw JSONSyntaxError("a control character is not escaped", at: position)
            }
        }
    }

    /// Reads a number, whose first byte, a digit or a minus sign, is next.
    mutating func readNumber(_ text: Span<UInt8>) throws(JSONSyntaxError) -> JSONNode {
        let start = position
        var kind = JSONNode.Kind.wholeNumber
        if text[position] == UInt8(ascii: "-") { position += 1 }
        if position < text.count, text[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try readDigits(text)
        }
        if position < text.count, text[position] == UInt8(ascii: ".") {
            kind = .number
            position += 1
            try readDigits(text)
        }
        if position < text.count, text[position] | 0x20 == UInt8(ascii: "e") {
            kind = .number
            position += 1
            if position < text.count, text[position] == UInt8(ascii: "+") || text[position] == UInt8(ascii: "-") {
                position += 1
            }
            try readDigits(text)
        }
        return JSONNode(kind: kind, start: UInt32(start), end: UInt32(position), next: 0)
    }

    /// Reads at least one digit.
    private mutating func readDigits(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        let start = position
        while position < text.count, text[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        if position == start { throw JSONSyntaxError("a digit is missing", at: position) }
    }

    /// Reads an escape, beginning with its backslash. Surrogates must come in pairs, since nothing else can be encoded
    /// in UTF-8.
    private mutating func readEscape(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        let start = position
        guard text.count - position >= 2 else { throw JSONSyntaxError("a string is not terminated", at: text.count) }
        switch text[position + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            position += 2
        case UInt8(ascii: "u"):
            let unit = try readUnit(text)
            guard UTF16.isSurrogate(unit) else { return }
            guard UTF16.isLeadSurrogate(unit), position < text.count, text[position] == UInt8(ascii: "\\"),
                UTF16.isTrailSurrogate(try readUnit(text))
            else { throw JSONSyntaxError("an escaped surrogate is not part of a pair", at: start) }
        default:
            throw JSONSyntaxError("an escape is unknown", at: start)
        }
    }

    /// Reads `\uXXXX`.
    private mutating func readUnit(_ text: Span<UInt8>) throws(JSONSyntaxError) -> UInt16 {
        guard text.count - position >= 6, text[position + 1] == UInt8(ascii: "u"),
            let unit = JSONEscapes.unit(text, digitsAt: position + 2)
        else { throw JSONSyntaxError("an escape of four hexadecimal digits is malformed", at: position) }
        position += 6
        return unit
    }

    /// The offset of the first quotation mark, backslash or control character from `start` on, or the end.
    private static func endOfPlain(_ text: Span<UInt8>, from start: Int) -> Int {
        // The bytes of integers expose nothing else.
        let bytes = unsafe text.bytes
        var position = start
        while bytes.byteCount - position >= 8 {
            let marks = ByteBuffer.escapeMarks(bytes.load(at: position))
            if marks != 0 { return position + marks.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < text.count {
            let byte = text[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            position += 1
        }
        return position
    }
}
