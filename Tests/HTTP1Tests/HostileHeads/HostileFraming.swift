import HTTP1

/// Lengths and codings in hostile spellings, RFC 9112 sections 6.1 to 6.3 and 11.2.
enum HostileFraming {
    static let all = lengths + repeatedLengths + codings + combinations + lookalikes

    private static func length(_ name: String, _ value: String) -> HostileHead {
        .field(name, "RFC 9110 8.6", "Content-Length: " + value, .contentLengthMalformed)
    }

    private static let lengths: [HostileHead] = [
        length("an empty length", ""),
        length("a length of white space", " \t "),
        length("a positive sign", "+5"),
        length("a negative sign", "-5"),
        length("minus zero", "-0"),
        length("a sign and a space", "- 5"),
        length("a huge negative length", "-123456789123456789123456789"),
        length("letters for a length", "abc"),
        length("a hexadecimal length", "0x5"),
        length("hexadecimal digits", "5F"),
        length("a letter after the length", "5x"),
        length("a letter before the length", "x5"),
        length("a fraction", "5.0"),
        length("an exponent", "5e3"),
        length("an underscore", "5_000"),
        length("a comma in the length", "5,000"),
        length("two numbers", "5 5"),
        length("two numbers with a tab", "5\t5"),
        length("a list of equal lengths", "5, 5"),
        length("a list of unequal lengths", "5, 6"),
        length("a list with an empty element", "5,"),
        length("a colon after the length", "5:"),
        length("a slash after the length", "5/"),
        length("a semicolon", "5;5"),
        length("a quoted length", "\"5\""),
        length("an apostrophe", "'5'"),
        length("a no-break space before the length", "\u{A0}5"),
        length("a no-break space after the length", "5\u{A0}"),
        length("a superscript digit for a length", "\u{B2}"),
        length("full-width digits", "\u{EF}\u{BC}\u{95}"),
        length("2 to the 63rd", "9223372036854775808"),
        length("2 to the 64th", "18446744073709551616"),
        length("2 to the 64th and 5", "18446744073709551621"),
        length("a length of 30 digits", "100000000000000000000000000000"),
        .field("a vertical tab before the length", "RFC 9110 5.5", "Content-Length: \u{0B}5", .fieldValueMalformed),
        .field("NUL after the length", "RFC 9110 5.5", "Content-Length: 5\0", .fieldValueMalformed),
    ]

    private static let repeatedLengths: [HostileHead] = [
        .field("two equal lengths", "RFC 9112 6.3", "Content-Length: 5\r\nContent-Length: 5", .contentLengthRepeated),
        .field("two unequal lengths", "RFC 9112 6.3", "Content-Length: 5\r\nContent-Length: 6", .contentLengthRepeated),
        .field("two lengths of 0", "RFC 9112 6.3", "Content-Length: 0\r\nContent-Length: 0", .contentLengthRepeated),
        .field(
            "a second length in another case", "RFC 9112 6.3", "Content-Length: 5\r\ncontent-LENGTH: 5",
            .contentLengthRepeated),
        .field(
            "a second, empty length", "RFC 9112 6.3", "Content-Length: 5\r\nContent-Length:",
            .contentLengthRepeated),
    ]

    private static func coding(
        _ name: String, _ value: String, _ rejection: Rejection = .transferEncodingMalformed
    ) -> HostileHead {
        .field(name, "RFC 9112 6.1", "Transfer-Encoding: " + value, rejection)
    }

    private static let codings: [HostileHead] = [
        coding("an empty coding", ""),
        coding("identity", "identity"),
        coding("gzip alone", "gzip"),
        coding("chunked twice", "chunked, chunked"),
        coding("chunked twice without a space", "chunked,chunked"),
        coding("chunked three times", "CHUNKED , chunked, Chunked"),
        coding("chunked, then gzip", "chunked, gzip"),
        coding("chunked, then identity", "chunked, identity"),
        coding("a letter before chunked", "xchunked"),
        coding("a letter after chunked", "chunkedx"),
        coding("a word before chunked", "x chunked"),
        coding("a word after chunked", "chunked x"),
        coding("chunked twice with a space", "chunked chunked"),
        coding("chunked twice with a tab", "chunked\tchunked"),
        coding("a space in chunked", "chun ked"),
        coding("chunked with a parameter", "chunked;a=b"),
        coding("chunked with a semicolon", "chunked;"),
        coding("a semicolon before chunked", ";chunked"),
        coding("a comma after chunked", "chunked,"),
        coding("a comma before chunked", ",chunked"),
        coding("a quoted coding", "\"chunked\""),
        coding("a coding in apostrophes", "'chunked'"),
        coding("a bracketed coding", "[chunked]"),
        coding("a no-break space before chunked", "\u{A0}chunked"),
        coding("a no-break space after chunked", "chunked\u{A0}"),
        coding("a high byte after chunked", "chunked\u{FF}"),
        coding("gzip with a parameter, then chunked", "gzip;q=1, chunked"),
        coding("gzip and chunked without a comma", "gzip chunked"),
        coding("gzip, then chunked", "gzip, chunked", .transferEncodingUnknown),
        coding("identity, then chunked", "identity, chunked", .transferEncodingUnknown),
        coding("two codings, then chunked", "deflate ,gzip\t, Chunked", .transferEncodingUnknown),
        .field(
            "a vertical tab before chunked", "RFC 9110 5.5", "Transfer-Encoding: \u{0B}chunked",
            .fieldValueMalformed),
        .field("NUL after chunked", "RFC 9110 5.5", "Transfer-Encoding: chunked\0", .fieldValueMalformed),
        .field("a folded coding", "RFC 9112 5.2", "Transfer-Encoding:\r\n chunked", .transferEncodingMalformed),
        .field(
            "a coding after a bare carriage return", "RFC 9112 2.2", "A: b\rTransfer-Encoding: chunked",
            .carriageReturnBare),
        .field("a coding after a bare line feed", "RFC 9112 2.2", "A: b\nTransfer-Encoding: chunked", .lineFeedBare),
    ]

    private static let chunked = "Transfer-Encoding: chunked"

    private static let combinations: [HostileHead] = [
        .field(
            "a length, then a coding", "RFC 9112 6.3", "Content-Length: 5\r\n" + chunked,
            .transferEncodingWithContentLength),
        .field(
            "a coding, then a length", "RFC 9112 6.3", chunked + "\r\nContent-Length: 5",
            .transferEncodingWithContentLength),
        .field(
            "a coding and a length of 0", "RFC 9112 6.3", chunked + "\r\nContent-Length: 0",
            .transferEncodingWithContentLength),
        .field(
            "a coding and a length in odd cases", "RFC 9112 6.3", "content-LengtH: 5\r\nTransFer-Encoding: chunked",
            .transferEncodingWithContentLength),
        .field(
            "a length and an unknown coding", "RFC 9112 6.3", "Content-Length: 5\r\nTransfer-Encoding: x",
            .transferEncodingMalformed),
        .field("two equal codings", "RFC 9112 7.1", chunked + "\r\n" + chunked, .transferEncodingRepeated),
        .field(
            "chunked, then identity in a line of its own", "RFC 9112 6.1",
            chunked + "\r\nTransfer-Encoding: identity", .transferEncodingRepeated),
        .field(
            "identity, then chunked in a line of its own", "RFC 9112 6.1",
            "Transfer-Encoding: identity\r\n" + chunked, .transferEncodingMalformed),
        .init(
            "a coding in 1.0", "RFC 9112 6.1", "POST / HTTP/1.0\r\nHost: a\r\n" + chunked + "\r\n\r\n",
            .transferEncodingInHTTP10),
        .init(
            "a coding and a length in 1.0", "RFC 9112 6.1",
            "POST / HTTP/1.0\r\nContent-Length: 5\r\n" + chunked + "\r\n\r\n", .transferEncodingInHTTP10),
        .init(
            "an unknown coding in 1.0", "RFC 9112 6.1", "POST / HTTP/1.0\r\nTransfer-Encoding: x\r\n\r\n",
            .transferEncodingInHTTP10),
    ]

    private static let lookalikes: [HostileHead] = [
        .field("Content_Length", "RFC 9112 11.2", "Content_Length: 5", .framingFieldLookalike),
        .field("CONTENT_LENGTH", "RFC 9112 11.2", "CONTENT_LENGTH: 5", .framingFieldLookalike),
        .field("Content.Length", "RFC 9112 11.2", "Content.Length: 5", .framingFieldLookalike),
        .field("Content~Length", "RFC 9112 11.2", "Content~Length: 5", .framingFieldLookalike),
        .field(
            "Content_Length beside Content-Length", "RFC 9112 11.2", "Content-Length: 5\r\nContent_Length: 6",
            .framingFieldLookalike),
        .field("Transfer_Encoding", "RFC 9112 11.2", "Transfer_Encoding: chunked", .framingFieldLookalike),
        .field("transfer_encoding", "RFC 9112 11.2", "transfer_encoding: chunked", .framingFieldLookalike),
        .field("Transfer.Encoding", "RFC 9112 11.2", "Transfer.Encoding: chunked", .framingFieldLookalike),
        .field("Transfer`Encoding", "RFC 9112 11.2", "Transfer`Encoding: chunked", .framingFieldLookalike),
        .field("a space after Content-Length", "RFC 9112 5.1", "Content-Length : 5", .whitespaceBeforeColon),
        .field(
            "a tab after Transfer-Encoding", "RFC 9112 5.1", "Transfer-Encoding\t: chunked", .whitespaceBeforeColon),
        .field("a space for the hyphen", "RFC 9112 5.1", "Transfer Encoding: chunked", .whitespaceBeforeColon),
        .field("NUL after Content-Length", "RFC 9110 5.1", "Content-Length\0: 5", .fieldNameMalformed),
        .field("a vertical tab after Content-Length", "RFC 9110 5.1", "Content-Length\u{0B}: 5", .fieldNameMalformed),
        .field("a line end in Transfer-Encoding", "RFC 9112 5", "Transfer-\r\nEncoding: chunked", .fieldNameMalformed),
        .field("a space before Content-Length", "RFC 9112 5.2", "A: b\r\n Content-Length: 5", .lineFolded),
    ]
}
