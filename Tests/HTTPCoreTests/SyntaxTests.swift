import HTTPCore
import TestSupport
import Testing

@Suite("Names, values and escapes")
struct SyntaxTests {
    @Test("A token consists of token bytes, at least one")
    func tokens() {
        let allowed = Set("!#$%&'*+-.^_`|~0123456789".utf8)
            .union(UInt8(ascii: "a")...UInt8(ascii: "z")).union(UInt8(ascii: "A")...UInt8(ascii: "Z"))
        for byte in UInt8.min...UInt8.max {
            for bytes in [[byte], [0x61, byte], [byte, 0x61], [UInt8](repeating: 0x61, count: 40) + [byte, 0x61]] {
                #expect(withSpan(of: bytes, FieldSyntax.isToken) == allowed.contains(byte))
            }
        }
        #expect(!FieldSyntax.isToken(""))
        #expect(FieldSyntax.isToken("Content-Type"))
    }

    @Test("A value has no control byte except tabs, and no white space at its ends")
    func values() {
        for byte in UInt8.min...UInt8.max {
            let isControl = byte < 0x20 && byte != 0x09 || byte == 0x7F
            let isSpace = byte == 0x20 || byte == 0x09
            for inner in [[0x61, byte, 0x61], [UInt8](repeating: 0x61, count: 40) + [byte, 0x61]] {
                #expect(withSpan(of: inner, FieldSyntax.isValue) == !isControl)
            }
            for outer in [[byte], [byte, 0x61], [0x61, byte]] {
                #expect(withSpan(of: outer, FieldSyntax.isValue) == (!isControl && !isSpace))
            }
        }
        #expect(FieldSyntax.isValue(""))
        #expect(FieldSyntax.isValue("a\t b"))
    }

    /// An input, and its decoded form without and with plus signs as spaces; nil if it is malformed.
    private static let escapes: [(text: String, plain: String?, form: String?)] = [
        ("", "", ""), ("abc", "abc", "abc"), ("a%20b", "a b", "a b"), ("a+b", "a+b", "a b"), ("%2B+", "++", "+ "),
        ("%41%42", "AB", "AB"), ("%e2%82%AC", "\u{E2}\u{82}\u{AC}", "\u{E2}\u{82}\u{AC}"), ("%00", "\0", "\0"),
        ("%2F%2f", "//", "//"), ("%25", "%", "%"), ("%2541", "%41", "%41"), ("\u{E9}", "\u{E9}", "\u{E9}"),
        ("%", nil, nil), ("a%", nil, nil), ("%4", nil, nil), ("%g0", nil, nil), ("%0g", nil, nil), ("%%41", nil, nil),
        ("%+1", nil, nil), ("a%zzb", nil, nil), ("%u0041", nil, nil), ("% 1", nil, nil), ("%4\u{E9}", nil, nil),
    ]

    @Test("Escapes are decoded, or nothing is if one is malformed", arguments: escapes.indices)
    func decoding(index: Int) {
        let row = Self.escapes[index]
        for (plusIsSpace, expected) in [(false, row.plain), (true, row.form)] {
            var buffer = ByteBuffer()
            buffer.append("x")
            let isDecoded = withSpan(of: latin1(row.text)) {
                PercentDecoding.decode($0, into: &buffer, plusIsSpace: plusIsSpace)
            }
            #expect(isDecoded == (expected != nil))
            #expect(buffer.text == "x" + (expected ?? ""))
        }
    }
}
