/// A word or a single character of code.
struct Token: Equatable {
    var text: String
    /// Counted from 1.
    var line: Int

    /// The tokens of a file: what is neither comment nor literal nor directive.
    static func all(of file: SourceFile) -> [Token] {
        var tokens: [Token] = []
        for (number, range) in zip(1..., file.lineRanges) {
            var offset = range.lowerBound
            while offset < range.upperBound {
                let start = offset
                while offset < range.upperBound, file.kinds[offset] == .code, isWord(file.bytes[offset]) { offset += 1 }
                if offset > start {
                    tokens.append(
                        Token(text: String(decoding: file.bytes[start..<offset], as: UTF8.self), line: number))
                    continue
                }
                if file.kinds[offset] == .code, file.bytes[offset] > UInt8(ascii: " ") {
                    tokens.append(Token(text: String(UnicodeScalar(file.bytes[offset])), line: number))
                }
                offset += 1
            }
        }
        return tokens
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
