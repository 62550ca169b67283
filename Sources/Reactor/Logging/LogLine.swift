/// Makes any text a single line, so that nothing a client sends can end a line of a log, begin another, or change how
/// one is displayed.
package enum LogLine {
    /// The length of the longest line in bytes: with a prefix and a line feed, a write to a pipe is still atomic (4,096
    /// bytes on Linux).
    package static let maximumByteCount = 4000

    /// The limits of the parts of an entry, in bytes.
    static let maximumMessageByteCount = 2000
    static let maximumValueByteCount = 1000

    /// Appends a part of an entry so that a reader can tell where it begins and ends; see `LogEntry.description`.
    static func append(
        _ text: String, to line: inout String, maximumByteCount: Int, allowsSpaces: Bool = false
    ) {
        let fits = !text.isEmpty && text.utf8.count <= maximumByteCount
        if fits, text.unicodeScalars.allSatisfy({ isPlain($0, allowsSpaces: allowsSpaces) }) {
            line += text
            return
        }
        var quoted = ""
        for scalar in text.unicodeScalars {
            let piece =
                switch scalar {
                case "\"", "\\": "\\\(scalar)"
                case _ where mustEscape(scalar): escaped(scalar)
                default: String(scalar)
                }
            guard quoted.utf8.count + piece.utf8.count <= maximumByteCount else {
                quoted += "..."
                break
            }
            quoted += piece
        }
        line += "\"\(quoted)\""
    }

    /// Whether text with this scalar needs no quotation marks.
    private static func isPlain(_ scalar: Unicode.Scalar, allowsSpaces: Bool) -> Bool {
        switch scalar {
        case "\"", "=", "\\": false
        case "!"..."~": true
        default: allowsSpaces && !mustEscape(scalar)
        }
    }

    /// Returns `text` with its control characters and line separators escaped as in Swift, and truncated with three
    /// dots if it is too long. Other text, including a result of this function, is returned unchanged.
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

    /// Returns whether a terminal, a pager or a program may interpret the scalar: the control characters (C0, DEL and
    /// C1, including NEL), the line and paragraph separators, and the characters that change the direction of text
    /// (Bidi_Control in Unicode).
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
