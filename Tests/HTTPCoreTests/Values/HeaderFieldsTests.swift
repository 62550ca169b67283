import HTTPCore
import Testing

@Suite("Header fields")
struct HeaderFieldsTests {
    @Test(
        "have values without white space at their ends, however they are set",
        arguments: [
            (" a", "a"), ("a ", "a"), ("\t a \t", "a"), ("a b", "a b"), (" ", ""), ("\t \t", ""), ("", ""),
            ("a\tb", "a\tb"),
            (" \u{E9} ", "\u{E9}"), ("\r", "\r"), (" \n ", "\n"), ("\u{A0}", "\u{A0}"),
        ])
    func whitespace(value: String, trimmed: String) {
        var fields: HeaderFields = ["X-Literal": "a"]
        fields.append(name: "X-Appended", value: value)
        fields["X-Set"] = value
        #expect(fields["x-appended"] == trimmed && fields["x-set"] == trimmed)
        let elements = HeaderFields(dictionaryLiteral: ("X", value))
        #expect(elements.map(\.value) == [trimmed] && HeaderFields.Field(name: "X", value: value).value == trimmed)
    }

    @Test("are equal if their lines are, with names in any case")
    func equality() {
        let fields: HeaderFields = ["Set-Cookie": "a", "ETag": "\"b\"", "set-cookie": "c"]
        let same: HeaderFields = ["SET-COOKIE": "a", "etag": "\"b\"", "Set-Cookie": "c"]
        #expect(fields == same && fields.hashValue == same.hashValue && Set([fields, same]).count == 1)
        let others: [HeaderFields] = [
            [:], ["Set-Cookie": "a", "ETag": "\"b\""], ["Set-Cookie": "c", "ETag": "\"b\"", "Set-Cookie": "a"],
            ["Set-Cookie": "A", "ETag": "\"b\"", "Set-Cookie": "c"],
        ]
        for other in others { #expect(fields != other) }
        // Canonically equivalent, but other bytes.
        #expect(["A": "\u{E9}"] as HeaderFields != ["A": "e\u{301}"])
        // The boundary between name and value counts.
        #expect(HeaderFields.Field(name: "ab", value: "c") != HeaderFields.Field(name: "a", value: "bc"))
    }

    @Test("read as their lines, and are read from them, with their order and repetitions")
    func text() {
        let fields: HeaderFields = ["Set-Cookie": "a=b; Path=/", "X-Empty": "", "set-cookie": "c: d", "X": "\u{E9}\tf"]
        let text = "Set-Cookie: a=b; Path=/\nX-Empty:\nset-cookie: c: d\nX: \u{E9}\tf"
        #expect(fields.description == text && HeaderFields(text) == fields)
        #expect(HeaderFields(text.replacing("\n", with: "\r\n") + "\r\n") == fields)
        #expect(HeaderFields("")?.isEmpty == true && HeaderFields().description == "")
        #expect(HeaderFields("A:b")?["a"] == "b" && HeaderFields("A: \t b \t")?["a"] == "b")
    }

    @Test(
        "are not read from anything else, and nothing traps",
        arguments: [
            "A", ":", ": b", "A : b", " A: b", "A: b\n B: c", "A: b\n\nC: d", "\n\n", "A: b\rC: d", "A: \0",
            "A: b\u{7F}",
            "\u{E9}: b", "A\0: b", "A: b\r\r\n", "\r\n:", String(repeating: "A", count: 100_000),
        ])
    func malformed(text: String) {
        #expect(HeaderFields(text) == nil)
    }

    @Test("that can't be sent read without control characters, so that they can't forge a line")
    func forged() {
        let fields: HeaderFields = ["A": "b\r\nC: d", "E\n": "f"]
        #expect(fields.description == "A: b\u{FFFD}\u{FFFD}C: d\nE\u{FFFD}: f")
        #expect(fields.description.split(separator: "\n").count == 2)
    }
}
