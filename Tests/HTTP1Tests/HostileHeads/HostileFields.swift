import HTTP1
import HTTPCore

/// Field lines that no server should accept, RFC 9112 sections 2.2 and 5.
enum HostileFields {
    static let all = lines + names + values + expectations + separators + controls

    private static let lines: [HostileHead] = [
        .field("a folded value", "RFC 9112 5.2", "A: b\r\n c", .lineFolded),
        .field("a value folded with a tab", "RFC 9112 5.2", "A: b\r\n\tc", .lineFolded),
        .field("a fold at the end", "RFC 9112 5.2", "A: b\r\n ", .lineFolded),
        .field("a folded empty value", "RFC 9112 5.2", "A:\r\n b", .lineFolded),
        .init("white space before the first field", "RFC 9112 2.2", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", .lineFolded),
        .init("a tab before the first field", "RFC 9112 2.2", "GET / HTTP/1.1\r\n\tHost: a\r\n\r\n", .lineFolded),
        .init("a line of white space", "RFC 9112 2.2", "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", .lineFolded),
        .field("a bare line feed after a value", "RFC 9112 2.2", "A: b\nC: d", .lineFeedBare),
        .field("a bare carriage return after a value", "RFC 9112 2.2", "A: b\rC: d", .carriageReturnBare),
        .field("two carriage returns after a value", "RFC 9112 2.2", "A: b\r", .carriageReturnBare),
        .field("a line feed after an empty value", "RFC 9112 2.2", "A:\nC: d", .lineFeedBare),
        .field("line feed, carriage return", "RFC 9112 2.2", "A: b\n\rC: d", .lineFeedBare),
        .field("a carriage return before a name", "RFC 9112 2.2", "\rA: b", .carriageReturnBare),
        .field("a line feed before a name", "RFC 9112 2.2", "\nA: b", .lineFeedBare),
        .field("a line feed in a name", "RFC 9112 2.2", "A\nB: c", .lineFeedBare),
        .field("a carriage return in a name", "RFC 9112 2.2", "A\rB: c", .fieldNameMalformed),
        .field("a line end in a name", "RFC 9112 5", "A\r\nB: c", .fieldNameMalformed),
        .field("a line end before the colon", "RFC 9112 5", "A\r\n : b", .fieldNameMalformed),
        .init("a line feed as the empty line", "RFC 9112 2.2", "GET / HTTP/1.1\r\nHost: a\r\n\n", .lineFeedBare),
        .init("line feeds throughout", "RFC 9112 2.2", "GET / HTTP/1.1\nHost: a\n\n", .lineFeedBare),
        .init(
            "a stray carriage return at the end", "RFC 9112 2.2", "GET / HTTP/1.1\r\nHost: a\r\n\rA: b\r\n\r\n",
            .carriageReturnBare),
        .field("a second request line", "RFC 9112 5", "GET /b HTTP/1.1", .whitespaceBeforeColon),
        .field("no colon", "RFC 9112 5", "Name", .fieldNameMalformed),
        .field("a value without a name", "RFC 9112 5", ": b", .fieldNameMalformed),
        .field("a colon alone", "RFC 9112 5", ":", .fieldNameMalformed),
    ]

    private static let names: [HostileHead] = [
        .field("a space before the colon", "RFC 9112 5.1", "A : b", .whitespaceBeforeColon),
        .field("a tab before the colon", "RFC 9112 5.1", "A\t: b", .whitespaceBeforeColon),
        .field("a space in the name", "RFC 9112 5.1", "A B: c", .whitespaceBeforeColon),
        .field(
            "a space before the colon of a long name", "RFC 9112 5.1",
            "A-Name-That-Is-Longer-Than-Thirty-Two-Bytes : b", .whitespaceBeforeColon),
        .field("NUL in a name", "RFC 9110 5.1", "A\0B: c", .fieldNameMalformed),
        .field("DEL in a name", "RFC 9110 5.1", "A\u{7F}: c", .fieldNameMalformed),
        .field("a vertical tab before the colon", "RFC 9112 5.1", "A\u{0B}: c", .fieldNameMalformed),
        .field("a no-break space before the colon", "RFC 9112 5.1", "A\u{A0}: c", .fieldNameMalformed),
        .field("a high byte in a name", "RFC 9110 5.1", "A\u{80}: c", .fieldNameMalformed),
        .field("UTF-8 in a name", "RFC 9110 5.1", "Caf\u{C3}\u{A9}: c", .fieldNameMalformed),
        .field("0xFF in a name", "RFC 9110 5.1", "\u{FF}: c", .fieldNameMalformed),
        .field("brackets in a name", "RFC 9110 5.1", "X-Invalid[]: test", .fieldNameMalformed),
    ]

    private static let values: [HostileHead] = [
        .field("NUL alone", "RFC 9110 5.5", "A: \0", .fieldValueMalformed),
        .field("NUL at the start", "RFC 9110 5.5", "A:\0b", .fieldValueMalformed),
        .field("NUL at the end", "RFC 9110 5.5", "A: b\0", .fieldValueMalformed),
        .field(
            "NUL in a long value", "RFC 9110 5.5", "A: " + String(repeating: "b", count: 77) + "\0c",
            .fieldValueMalformed),
        .field("a control byte after a tab", "RFC 9110 5.5", "A: b\tc\u{01}", .fieldValueMalformed),
    ]

    private static let expectations: [HostileHead] = [
        .field("an unknown expectation", "RFC 9110 10.1.1", "Expect: 200-ok", .expectationUnknown),
        .field("an expectation with a letter more", "RFC 9110 10.1.1", "Expect: 100-continues", .expectationUnknown),
        .field("an expectation with a parameter", "RFC 9110 10.1.1", "Expect: 100-continue;a=b", .expectationUnknown),
        .field("an expectation with a value", "RFC 9110 10.1.1", "Expect: 100-continue=1", .expectationUnknown),
        .field("two expectations in a line", "RFC 9110 10.1.1", "Expect: 100-continue, a", .expectationUnknown),
        .field(
            "two expectations in two lines", "RFC 9110 10.1.1", "Expect: 100-continue\r\nExpect: a",
            .expectationUnknown),
    ]

    /// Every delimiter of RFC 9110 section 5.6.2, which a token must not contain.
    private static let separators: [HostileHead] = "\"(),/;<=>?@[\\]{}".map { separator in
        .field("\(separator) in a name", "RFC 9110 5.6.2", "A\(separator)B: c", .fieldNameMalformed)
    }

    /// Every control byte in a value except tab, line feed and carriage return.
    private static let controls: [HostileHead] = ([1...8, 11...12, 14...31, 127...127] as [ClosedRange<UInt8>])
        .joined().map { byte in
            let name = "0x" + String(byte, radix: 16) + " in a value"
            return .field(name, "RFC 9110 5.5", "A: b\(Unicode.Scalar(byte))c", .fieldValueMalformed)
        }
}
