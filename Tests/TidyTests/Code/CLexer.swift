/// A lexer that distinguishes code from comments, literals and preprocessor lines in C.
struct CLexer {
    private let bytes: [UInt8]
    private var kinds: [ByteKind]
    private var index = 0
    /// Whether only white space and comments precede `index` on its line.
    private var isAtLineStart = true

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
        kinds = [ByteKind](repeating: .code, count: bytes.count)
    }

    static func kinds(of bytes: [UInt8]) -> [ByteKind] {
        var lexer = CLexer(bytes)
        while lexer.index < bytes.count { lexer.lexNext() }
        return lexer.kinds
    }

    private mutating func lexNext() {
        switch bytes[index] {
        case UInt8(ascii: "/") where follows("/"): lexLineComment()
        case UInt8(ascii: "/") where follows("*"): lexBlockComment()
        case UInt8(ascii: "#") where isAtLineStart: lexDirective()
        case UInt8(ascii: "\""), UInt8(ascii: "'"): lexLiteral(quote: bytes[index])
        case UInt8(ascii: "\n"):
            isAtLineStart = true
            index += 1
        case UInt8(ascii: " "): index += 1
        default:
            isAtLineStart = false
            index += 1
        }
    }

    private mutating func lexLineComment() {
        while index < bytes.count && bytes[index] != UInt8(ascii: "\n") { mark(.comment) }
    }

    private mutating func lexBlockComment() {
        mark(.comment)
        mark(.comment)
        while index < bytes.count {
            let closes = bytes[index] == UInt8(ascii: "*") && follows("/")
            mark(.comment)
            if closes { return mark(.comment) }
        }
    }

    private mutating func lexLiteral(quote: UInt8) {
        isAtLineStart = false
        mark(.literal)
        while index < bytes.count && bytes[index] != UInt8(ascii: "\n") {
            let byte = bytes[index]
            mark(.literal)
            if byte == quote { return }
            if byte == UInt8(ascii: "\\") && index < bytes.count { mark(.literal) }
        }
    }

    /// A directive continues after a backslash at the end of its line; comments in it are still comments.
    private mutating func lexDirective() {
        while index < bytes.count && bytes[index] != UInt8(ascii: "\n") {
            if bytes[index] == UInt8(ascii: "/") && follows("/") {
                lexLineComment()
            } else if bytes[index] == UInt8(ascii: "/") && follows("*") {
                lexBlockComment()
            } else {
                if bytes[index] == UInt8(ascii: "\\") && follows("\n") { mark(.directive) }
                mark(.directive)
            }
        }
    }

    private mutating func mark(_ kind: ByteKind) {
        guard index < bytes.count else { return }
        kinds[index] = kind
        index += 1
    }

    private func follows(_ character: Unicode.Scalar) -> Bool {
        index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: character)
    }
}
