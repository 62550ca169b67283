import HTTP1
import HTTPCore
import TestSupport
import Testing

/// A chunked body that must be refused, and the rule it violates.
struct HostileChunk: Sendable, CustomTestStringConvertible {
    let name: String
    let section: String
    let bytes: [UInt8]
    let rejection: Rejection

    init(_ name: String, _ section: String, _ text: String, _ rejection: Rejection) {
        self.name = name
        self.section = section
        self.bytes = latin1(text)
        self.rejection = rejection
    }

    /// A size line between valid chunks.
    static func size(_ name: String, _ line: String, _ rejection: Rejection) -> HostileChunk {
        HostileChunk(name, "RFC 9112 7.1", "1\r\na\r\n" + line + "\r\nhello\r\n0\r\n\r\n", rejection)
    }

    /// The text after a size of 5.
    static func ext(_ name: String, _ text: String, _ rejection: Rejection = .chunkExtensionMalformed) -> HostileChunk {
        HostileChunk(name, "RFC 9112 7.1.1", "5" + text + "\r\nhello\r\n0\r\n\r\n", rejection)
    }

    /// A trailer line.
    static func trailer(_ name: String, _ line: String, _ rejection: Rejection) -> HostileChunk {
        HostileChunk(name, "RFC 9112 7.1.2", "5\r\nhello\r\n0\r\nA: b\r\n" + line + "\r\n\r\n", rejection)
    }

    var testDescription: String { "\(name) (\(section))" }
}

/// Chunked bodies in hostile spellings, RFC 9112 section 7.1.
enum HostileChunks {
    static let all = sizes + extensions + ends + trailers

    private static let sizes: [HostileChunk] = [
        .size("an empty size", "", .chunkSizeMalformed),
        .size("a size that is not a number", "g", .chunkSizeMalformed),
        .size("a negative size", "-5", .chunkSizeMalformed),
        .size("a signed size", "+5", .chunkSizeMalformed),
        .size("a size with 0x", "0x5", .chunkSizeMalformed),
        .size("a size with an underscore", "5_0", .chunkSizeMalformed),
        .size("a size with h", "5h", .chunkSizeMalformed),
        .size("a size with a dot", "5.0", .chunkSizeMalformed),
        .size("a size with a comma", "5,5", .chunkSizeMalformed),
        .size("a quoted size", "\"5\"", .chunkSizeMalformed),
        .size("a space before the size", " 5", .chunkSizeMalformed),
        .size("a tab before the size", "\t5", .chunkSizeMalformed),
        .size("NUL before the size", "\05", .chunkSizeMalformed),
        .size("NUL after the size", "5\0", .chunkSizeMalformed),
        .size("a vertical tab after the size", "5\u{0B}", .chunkSizeMalformed),
        .size("a no-break space before the size", "\u{A0}5", .chunkSizeMalformed),
        .size("a no-break space after the size", "5\u{A0}", .chunkSizeMalformed),
        .size("full-width size", "\u{EF}\u{BC}\u{95}", .chunkSizeMalformed),
        .size("a space after the size", "5 ", .chunkExtensionMalformed),
        .size("a tab after the size", "5\t", .chunkExtensionMalformed),
        .size("two sizes", "5 5", .chunkExtensionMalformed),
        .size("a size of 2 to the 63rd", "8000000000000000", .chunkSizeTooLarge),
        .size("the largest size of 16 digits", "FFFFFFFFFFFFFFFF", .chunkSizeTooLarge),
        .size("a size of 2 to the 64th", "10000000000000000", .chunkSizeTooLarge),
        .size("a size of 2 to the 64th and 5", "10000000000000005", .chunkSizeTooLarge),
        .size("17 digits with leading zeros", "00000000000000005", .chunkSizeTooLarge),
        .size("an extension without a size", ";a=b", .chunkSizeMalformed),
        .init("a size line with a line feed", "RFC 9112 2.2", "5\nhello\r\n0\r\n\r\n", .lineFeedBare),
        .init("a size line with a carriage return", "RFC 9112 2.2", "5\rhello\r\n0\r\n\r\n", .carriageReturnBare),
        .init("a size line with two carriage returns", "RFC 9112 2.2", "5\r\r\nhello\r\n", .carriageReturnBare),
        .init("a line feed before the first size", "RFC 9112 7.1", "\n5\r\nhello\r\n", .chunkSizeMalformed),
        .init("no chunks at all", "RFC 9112 7.1", "GET / HTTP/1.1\r\n\r\n", .chunkSizeMalformed),
    ]

    private static let extensions: [HostileChunk] = [
        .ext("a semicolon alone", ";"),
        .ext("a semicolon and a space", "; "),
        .ext("two semicolons", ";;a"),
        .ext("a semicolon at the end", ";a;"),
        .ext("no value after the equals sign", ";a="),
        .ext("a space for a value", ";a= "),
        .ext("no name before the equals sign", ";=b"),
        .ext("two equals signs", ";a=b=c"),
        .ext("two names", ";a b"),
        .ext("two values", ";a=b c"),
        .ext("a space after a name", ";a "),
        .ext("a space after a value", ";a=b "),
        .ext("a space after a quoted value", ";a=\"b\" "),
        .ext("a quote without end", ";a=\"b"),
        .ext("a backslash at the end", ";a=\"b\\"),
        .ext("bytes after the quote", ";a=\"b\"c"),
        .ext("a quoted name", ";\"a\""),
        .ext("no semicolon", " a"),
        .ext("an extension in brackets", ";(a)"),
        .ext("a value in brackets", ";a=(b)"),
        .ext("a value with an at sign", ";a=@"),
        .ext("NUL as a name", ";\0"),
        .ext("NUL in a name of an extension", ";a\0"),
        .ext("NUL in a value of an extension", ";a=b\0"),
        .ext("NUL in a quoted value", ";a=\"\0\""),
        .ext("NUL after a backslash", ";a=\"\\\0\""),
        .ext("a control byte in a quoted value", ";a=\"\u{01}\""),
        .ext("DEL in a quoted value", ";a=\"\u{7F}\""),
        .ext("a high byte in a name of an extension", ";\u{80}"),
        .ext("a line feed after a semicolon", ";\n", .lineFeedBare),
        .ext("a line feed after an extension", ";a\n", .lineFeedBare),
        .ext("a line feed after a value of an extension", ";a=b\n", .lineFeedBare),
        .ext("a line feed in a quoted value", ";a=\"\n\"", .lineFeedBare),
        .ext("a line feed after white space", " \n", .lineFeedBare),
        .ext("a carriage return after an extension", ";a\rb", .carriageReturnBare),
        .ext("a carriage return in a quoted value", ";a=\"\r\"", .chunkExtensionMalformed),
        .ext("a line end in a quoted value", ";a=\"\r\n\"", .chunkExtensionMalformed),
    ]

    private static let ends: [HostileChunk] = [
        .init("data longer than its size", "RFC 9112 7.1", "5\r\nhelloX\r\n0\r\n\r\n", .chunkEndMissing),
        .init("data shorter than its size", "RFC 9112 7.1", "6\r\nhello\r\n0\r\n\r\n", .chunkEndMissing),
        .init("a line feed after data", "RFC 9112 7.1", "5\r\nhello\n0\r\n\r\n", .chunkEndMissing),
        .init("a carriage return after data", "RFC 9112 7.1", "5\r\nhello\r0\r\n\r\n", .chunkEndMissing),
        .init("two carriage returns after data", "RFC 9112 7.1", "5\r\nhello\r\r\n0\r\n\r\n", .chunkEndMissing),
        .init("no line end after data", "RFC 9112 7.1", "5\r\nhello0\r\n\r\n", .chunkEndMissing),
        .init("an empty line after data", "RFC 9112 7.1", "5\r\nhello\r\n\r\n0\r\n\r\n", .chunkSizeMalformed),
        .init("a line feed after the last chunk's size", "RFC 9112 7.1", "0\n\r\n", .lineFeedBare),
        .init("a line feed as the end", "RFC 9112 7.1", "0\r\n\n", .lineFeedBare),
        .init("a carriage return as the end", "RFC 9112 7.1", "0\r\n\rGET", .carriageReturnBare),
        .init("a semicolon after the last size", "RFC 9112 7.1", "0;\r\n\r\n", .chunkExtensionMalformed),
    ]

    private static let trailers: [HostileChunk] = [
        .trailer("a folded trailer", " c", .lineFolded),
        .trailer("a trailer folded with a tab", "\tc", .lineFolded),
        .trailer("a space before a trailer's colon", "C : d", .whitespaceBeforeColon),
        .trailer("a tab before a trailer's colon", "C\t: d", .whitespaceBeforeColon),
        .trailer("a trailer without a colon", "C", .fieldNameMalformed),
        .trailer("a trailer without a name", ": d", .fieldNameMalformed),
        .trailer("a bracket in a trailer's name", "C(: d", .fieldNameMalformed),
        .trailer("NUL in a trailer's name", "C\0: d", .fieldNameMalformed),
        .trailer("NUL before a trailer", "\0C: d", .fieldNameMalformed),
        .trailer("a high byte in a trailer's name", "\u{E9}: d", .fieldNameMalformed),
        .trailer("a line feed in a trailer's name", "C\nD: e", .lineFeedBare),
        .trailer("a carriage return in a trailer's name", "C\rD: e", .fieldNameMalformed),
        .trailer("NUL in a trailer's value", "C: \0", .fieldValueMalformed),
        .trailer("DEL in a trailer's value", "C: \u{7F}", .fieldValueMalformed),
        .trailer("a control byte in a trailer's value", "C: d\u{08}", .fieldValueMalformed),
        .trailer("a line feed after a trailer", "C: d\nE: f", .lineFeedBare),
        .trailer("a carriage return after a trailer", "C: d\rE: f", .carriageReturnBare),
        .trailer("a line feed before a trailer", "\nC: d", .lineFeedBare),
        .trailer("a request line as a trailer", "GET / HTTP/1.1", .whitespaceBeforeColon),
    ]
}
