/// A lexer that distinguishes code from comments and string literals in Swift: nested comments, raw and multi-line
/// strings, and code inside interpolations, to any depth. Regex literals are taken for code, so they must not contain a
/// quote or a brace.
struct SwiftLexer {
    private let bytes: [UInt8]
    private var kinds: [ByteKind]
    private var index = 0

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        kinds = [ByteKind](repeating: .code, count: bytes.count)
    }

    static func kinds(of bytes: [UInt8]) -> [ByteKind] {
        var lexer = SwiftLexer(bytes)
        lexer.lexCode(insideInterpolation: false)
        return lexer.kinds
    }

    /// Runs to the end of the file, or to the parenthesis that closes the interpolation.
    private mutating func lexCode(insideInterpolation: Bool) {
        var openParentheses = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/") where starts("/", "/"): lexLineComment()
            case UInt8(ascii: "/") where starts("/", "*"): lexBlockComment()
            case UInt8(ascii: "\""): lexString(hashes: 0)
            case UInt8(ascii: "#"): lexHashes()
            case UInt8(ascii: "`"): lexQuotedName()
            case UInt8(ascii: "("):
                openParentheses += 1
                index += 1
            case UInt8(ascii: ")"):
                if insideInterpolation && openParentheses == 0 { return }
                openParentheses -= 1
                index += 1
            default: index += 1
            }
        }
    }

    private mutating func lexLineComment() {
        while index < bytes.count && bytes[index] != UInt8(ascii: "\n") { mark(.comment, 1) }
    }

    private mutating func lexBlockComment() {
        var depth = 0
        repeat {
            if starts("/", "*") {
                depth += 1
                mark(.comment, 2)
            } else if starts("*", "/") {
                depth -= 1
                mark(.comment, 2)
            } else {
                mark(.comment, 1)
            }
        } while depth > 0 && index < bytes.count
    }

    /// `#"` begins a raw string, as does any longer run of hashes; every other hash is code.
    private mutating func lexHashes() {
        var hashes = 0
        while byte(at: index + hashes) == UInt8(ascii: "#") { hashes += 1 }
        if byte(at: index + hashes) == UInt8(ascii: "\"") {
            mark(.literal, hashes)
            lexString(hashes: hashes)
        } else {
            index += hashes
        }
    }

    private mutating func lexQuotedName() {
        mark(.literal, 1)
        while index < bytes.count, bytes[index] != UInt8(ascii: "`"), bytes[index] != UInt8(ascii: "\n") {
            mark(.literal, 1)
        }
        if byte(at: index) == UInt8(ascii: "`") { mark(.literal, 1) }
    }

    /// Begins at the first quote. A string of one line ends with its line even when nothing closes it.
    private mutating func lexString(hashes: Int) {
        let isMultiline = startsMultilineString
        let quotes = isMultiline ? 3 : 1
        mark(.literal, quotes)
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") && !isMultiline { return }
            if bytes[index] == UInt8(ascii: "\\") && isRun(of: "#", hashes, at: index + 1) {
                lexEscape(hashes: hashes)
            } else if isRun(of: "\"", quotes, at: index) && isRun(of: "#", hashes, at: index + quotes) {
                mark(.literal, quotes + hashes)
                return
            } else {
                mark(.literal, 1)
            }
        }
    }

    private mutating func lexEscape(hashes: Int) {
        mark(.literal, 1 + hashes)
        guard byte(at: index) == UInt8(ascii: "(") else { return mark(.literal, 1) }
        mark(.literal, 1)
        lexCode(insideInterpolation: true)
        mark(.literal, 1)
    }

    /// Three quotes open a multi-line string only at the end of a line: `#"""#` is a string of one quote.
    private var startsMultilineString: Bool {
        guard isRun(of: "\"", 3, at: index) else { return false }
        var next = index + 3
        while byte(at: next) == UInt8(ascii: " ") { next += 1 }
        return byte(at: next) == UInt8(ascii: "\n")
    }

    private mutating func mark(_ kind: ByteKind, _ count: Int) {
        let end = min(index + count, bytes.count)
        for offset in index..<max(index, end) { kinds[offset] = kind }
        index = max(index, end)
    }

    private func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

    private func starts(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        byte(at: index) == UInt8(ascii: first) && byte(at: index + 1) == UInt8(ascii: second)
    }

    private func isRun(of character: Unicode.Scalar, _ count: Int, at offset: Int) -> Bool {
        (offset..<offset + count).allSatisfy { byte(at: $0) == UInt8(ascii: character) }
    }
}
