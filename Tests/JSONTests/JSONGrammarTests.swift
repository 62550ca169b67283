import JSON
import TestSupport
import Testing

@Suite("The grammar of RFC 8259")
struct JSONGrammarTests {
    static let valid = [
        "0", "-0", "1", "-1", "10", "0.5", "-0.5e-7", "1E5", "1e+5", "0e0", "123456789012345678901234567890", "1e-400",
        "\"\"", "\"a\"", #""\"\\\/\b\f\n\r\t""#, #""\u0000\u001F\u00e9\u00E9\uFFFF""#, #""\uD83D\uDE00""#, "\"\u{7F}\"",
        "\"\u{1F600}\u{10FFFF}\"", "true", "false", "null", "[]", "{}", "[[]]", "[{}]", #"{"":0}"#, "[1,2]",
        #"{"a":1,"b":[{"c":null}]}"#, " \t\r\n[ \t\r\n1 \t\r\n, 2 ]\n", #"{ "a" : 1 , "b" : 2 }"#,
        #"["1234567","12345678","123456789","1234567\"","12345678\\","1234567é","12345678\n"]"#,
        #"{"é":1,"e\#u{301}":2}"#, #"["\\u0061"]"#,
    ]

    static let invalid: [(text: String, offset: Int)] = [
        ("", 0), (" ", 1), ("tru", 0), ("True", 0), ("nul", 0), ("nulls", 4), ("NaN", 0), ("Infinity", 0), ("-", 1),
        ("-a", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1.e5", 2), ("01", 1), ("-01", 2), ("1e", 2), ("1e+", 3),
        ("0x10", 1), ("1 2", 2), ("1,", 1), ("1_000", 1), ("１", 0), ("'a'", 0), ("\"", 0), ("\"a", 0), ("\"\\", 2),
        (#""\""#, 0), (#""\a""#, 1), (#""\u""#, 1), (#""\u12""#, 1), (#""\u12G4""#, 1), (#""\U0041""#, 1),
        (#""\uD800""#, 1), (#""\uDC00""#, 1), (#""\uDE00\uD83D""#, 1), (#""\uD800\n""#, 7), (#""\uD800\u0041""#, 1),
        (#""\x41""#, 1), ("\"\n\"", 1), ("\"\t\"", 1), ("\"\u{0}\"", 1), ("\"1234567\u{1F}\"", 8), ("[", 1), ("[1", 2),
        ("[1,", 3), ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("[1}", 2), ("]", 0), ("[]]", 2), ("[[]", 3), ("{", 1),
        ("{]", 1), (#"{"a"}"#, 4), (#"{"a":}"#, 5), (#"{"a":1,}"#, 7), (#"{"a":1 "b":2}"#, 7), ("{a:1}", 1),
        ("{1:1}", 1), ("{'a':1}", 1), (#"{"a",1}"#, 4), (#"{"a"::1}"#, 5), (#"{"a":1}}"#, 7), ("{null:1}", 1),
        ("/**/1", 0), ("1//", 1), ("#1", 0), ("\u{FEFF}1", 0), ("\u{A0}1", 0), ("\u{B}1", 0), ("\u{0}1", 0),
        ("1\u{0}", 1), (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"\u0061":1}"#, 7), (#"[{"x":{"a":1,"b":2,"a":3}}]"#, 19),
        (#"{"":1,"":1}"#, 6),
    ]

    @Test("Valid text is accepted", arguments: valid)
    func accepts(text: String) throws {
        let tree = try JSON.decode(JSONTree.self, from: Array(text.utf8))
        #expect(tree == JSONTree(text)?.rounded)
    }

    @Test("Invalid text is refused, with its offset", arguments: invalid)
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONSyntaxError.self) { try JSON.decode(JSONTree.self, from: Array(text.utf8)) }
        #expect(error?.byteOffset == offset, "\(text): \(String(describing: error))")
    }

    @Test(
        "Bytes that are not UTF-8 are refused, in a string or outside",
        arguments: [
            [0xFF], [0x80], [0xC3], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80, 0x80], [0xE2, 0x82],
        ] as [[UInt8]])
    func utf8(bytes: [UInt8]) {
        let inString = #expect(throws: JSONSyntaxError.self) {
            try JSON.decode(String.self, from: Array("\"12345".utf8) + bytes + Array("\"".utf8))
        }
        #expect(inString?.byteOffset == 6)
        #expect(throws: JSONSyntaxError.self) { try JSON.decode(Int.self, from: bytes + Array("1".utf8)) }
    }

    @Test("Text that is truncated or has an extra byte is refused")
    func truncated() {
        let text = Array(#"{"a":[1.5e3,"x\u00e9\ud83d\ude00y",{"b":null,"c":true}],"d":{}}"#.utf8)
        #expect(throws: Never.self) { try JSON.decode(JSONTree.self, from: text) }
        for count in 0..<text.count {
            #expect(throws: JSONSyntaxError.self) { try JSON.decode(JSONTree.self, from: Array(text.prefix(count))) }
        }
        for byte in UInt8.min...UInt8.max where ![0x20, 0x09, 0x0A, 0x0D].contains(byte) {
            #expect(throws: JSONSyntaxError.self) { try JSON.decode(JSONTree.self, from: text + [byte]) }
        }
    }

    @Test("Containers can be nested 512 deep and no deeper", arguments: ["[", #"{"a":"#])
    func depth(open: String) throws {
        let close = open == "[" ? "]" : "}"
        let text = { (depth: Int, inner: String) in
            Array((String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)).utf8)
        }
        var tree = try JSON.decode(JSONTree.self, from: text(JSON.maximumDepth, "0"))
        for _ in 0..<JSON.maximumDepth {
            switch tree {
            case .array(let elements): tree = elements[0]
            case .object(let members): tree = members[0].value
            default: Issue.record("not deep enough")
            }
        }
        #expect(tree == .number("0.0"))
        let error = #expect(throws: JSONSyntaxError.self) {
            try JSON.decode(JSONTree.self, from: text(JSON.maximumDepth + 1, "0"))
        }
        #expect(error?.byteOffset == JSON.maximumDepth * open.utf8.count)
        #expect(throws: JSONSyntaxError.self) { try JSON.decode(Int.self, from: text(100_000, "")) }
    }

    @Test("A repeated name is found among any number of names", arguments: [2, 3, 15, 16, 17, 18, 500])
    func repeatedNames(count: Int) {
        let names = (0..<count).map { "name \($0)" }
        let text = { (names: [String]) in Array("{\(names.map { "\"\($0)\":0" }.joined(separator: ","))}".utf8) }
        #expect(throws: Never.self) { try JSON.decode(JSONTree.self, from: text(names)) }
        for other in [0, (count - 1) / 2, count - 2] {
            var names = names
            names[count - 1] = names[other]
            #expect(throws: JSONSyntaxError.self) { try JSON.decode(JSONTree.self, from: text(names)) }
            names[other] = names[other].replacing("n", with: #"\u006e"#)
            #expect(throws: JSONSyntaxError.self) { try JSON.decode(JSONTree.self, from: text(names)) }
        }
    }
}
