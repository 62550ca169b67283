import Glibc

/// The text of one file and the kind of each byte.
///
/// All files are searched for many words, also in debug builds and under sanitizers, so libc does the searching.
struct SourceFile {
    enum Language { case swift, c, other }

    /// Relative to the repository's root.
    let path: String
    let bytes: [UInt8]
    let language: Language
    /// The offsets of each line, without its line feed.
    let lineRanges: [Range<Int>]
    /// The kind of each byte; all `code` in a language without a lexer here.
    let kinds: [ByteKind]
    /// The words and signs of its code; none in a language without a lexer here.
    private(set) var tokens: [Token] = []

    init(path: String, text: String) {
        self.init(path: path, bytes: Array(text.utf8))
    }

    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
        language =
            path.hasSuffix(".swift") ? .swift : path.hasSuffix(".c") || path.hasSuffix(".h") ? .c : .other
        lineRanges = SourceFile.splitIntoLines(bytes)
        switch language {
        case .swift: kinds = SwiftLexer.kinds(of: bytes)
        case .c: kinds = CLexer.kinds(of: bytes)
        case .other: kinds = [ByteKind](repeating: .code, count: bytes.count)
        }
        if language != .other { tokens = Token.all(of: self) }
    }

    var lineCount: Int { lineRanges.count }

    /// The text of a line; `number` is counted from 1.
    func line(_ number: Int) -> String {
        String(decoding: bytes[lineRanges[number - 1]], as: UTF8.self)
    }

    /// A line in which everything that is not of `kind` is replaced by spaces.
    func line(_ number: Int, only kind: ByteKind) -> String {
        let kept = lineRanges[number - 1].map { kinds[$0] == kind ? bytes[$0] : UInt8(ascii: " ") }
        return String(decoding: kept, as: UTF8.self)
    }

    func violation(_ line: Int, _ message: String) -> Violation {
        Violation(path: path, line: line, message: message)
    }

    /// The offsets at which `word` begins, in ascending order, including overlaps.
    func offsets(of word: String) -> [Int] { SourceFile.offsets(of: word, in: bytes) }

    /// The line, counted from 1, that the byte at `offset` is on.
    func line(at offset: Int) -> Int {
        var candidates = 0..<lineRanges.count
        while candidates.count > 1 {
            let middle = candidates.lowerBound + candidates.count / 2
            let isBefore = offset < lineRanges[middle].lowerBound
            candidates = isBefore ? candidates.lowerBound..<middle : middle..<candidates.upperBound
        }
        return candidates.lowerBound + 1
    }

    private static func splitIntoLines(_ bytes: [UInt8]) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var start = 0
        for offset in offsets(of: "\n", in: bytes) {
            ranges.append(start..<offset)
            start = offset + 1
        }
        if start < bytes.count { ranges.append(start..<bytes.count) }
        return ranges
    }

    private static func offsets(of word: String, in bytes: [UInt8]) -> [Int] {
        var offsets: [Int] = []
        // Both texts end with a NUL and live for the call, and each search begins inside the text or at its NUL.
        unsafe (bytes + [0]).withUnsafeBytes { text in
            guard let start = unsafe text.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
            var next = unsafe start
            while let place = unsafe strstr(next, word) {
                offsets.append(unsafe UnsafePointer(place) - start)
                unsafe next = UnsafePointer(place) + 1
            }
        }
        return offsets
    }
}

/// The element that a byte of a source file belongs to.
enum ByteKind {
    case code
    case comment
    /// A string or character literal with its delimiters, or a name in backticks.
    case literal
    /// A line for C's preprocessor, continuation lines included.
    case directive
}

/// A violation of a convention.
struct Violation: Equatable, CustomStringConvertible {
    var path: String
    /// Counted from 1.
    var line: Int
    var message: String

    var description: String { "\(path):\(line): \(message)" }
}
