/// What makes one line of any text, so that nothing a client sends can end a line of a log, begin another, or change
/// how one is shown.
package enum LogLine {
    /// Bytes of the longest line: with a prefix and its line feed, a pipe still takes it in one piece (4,096 bytes on
    /// Linux).
    package static let maximumByteCount = 4000

    /// `text` with its control characters and line separators escaped as in Swift, and cut where it is too long, with
    /// three dots in place of the rest. Other text is returned as it is, also what this has returned.
    package static func safe(_ text: String) -> String {
        if text.utf8.count <= maximumByteCount, !text.unicodeScalars.contains(where: mustEscape) { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            let piece = mustEscape(scalar) ? escaped(scalar) : String(scalar)
            guard line.utf8.count + piece.utf8.count <= maximumByteCount - 3 else { return line + "..." }
            line += piece
        }
        return line
    }

    /// Whether a terminal, a pager or a program may take the scalar for more than a character of a line: the control
    /// characters (C0, DEL and C1, NEL among them), the line and paragraph separators, and the characters that change
    /// the direction of text (Bidi_Control in Unicode).
    package static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
        }
    }
}
