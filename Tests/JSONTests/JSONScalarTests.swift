import JSON
import TestSupport
import Testing

@Suite("JSON strings and numbers")
struct JSONScalarTests {
    @Test("Integers of every width, at their limits")
    func integers() throws {
        #expect(try json(Int8.min) == "-128")
        #expect(try json(Int8.max) == "127")
        #expect(try json(Int16.min) == "-32768")
        #expect(try json(Int32.min) == "-2147483648")
        #expect(try json(Int64.min) == "-9223372036854775808")
        #expect(try json(Int.min) == "-9223372036854775808")
        #expect(try json(Int.min + 1) == "-9223372036854775807")
        #expect(try json(Int.max) == "9223372036854775807")
        #expect(try json(UInt8.max) == "255")
        #expect(try json(UInt16.max) == "65535")
        #expect(try json(UInt32.max) == "4294967295")
        #expect(try json(UInt64.max) == "18446744073709551615")
        #expect(try json(UInt.max) == "18446744073709551615")
        #expect(try json(Int128.min) == "-170141183460469231731687303715884105728")
        #expect(try json(Int128.max) == "170141183460469231731687303715884105727")
        #expect(try json(UInt128.max) == "340282366920938463463374607431768211455")
        #expect(try json(0) == "0")
        #expect(try json(-1) == "-1")
    }

    @Test(
        "Doubles are written as the shortest text that reads as the same number",
        arguments: [
            (0.0, "0"), (-0.0, "-0"), (1.0, "1"), (-1.0, "-1"), (0.1, "0.1"), (1.5, "1.5"),
            (1e15, "1000000000000000"),
            (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
            (1e16, "1e+16"), (1e100, "1e+100"), (1e-5, "1e-05"), (Double.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e+308"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
            (0.30000000000000004, "0.30000000000000004"), (123456.789, "123456.789"), (100.0, "100"),
        ])
    func doubles(number: Double, text: String) throws {
        #expect(try json(number) == text)
    }

    @Test("Integers have the same digits as their description", arguments: 0..<20)
    func digits(count: Int) throws {
        var power: UInt64 = 1
        for _ in 0..<count { power *= 10 }
        var random = SeededGenerator(seed: UInt64(count))
        let near = (0..<200).flatMap { [power &+ $0, power &- $0 &- 1] }
        let below = (0..<2000).map { _ in UInt64.random(in: 0...power, using: &random) }
        for number in near + below {
            #expect(try json(number) == "\(number)")
            let signed = Int64(truncatingIfNeeded: number)
            #expect(try json(["n": signed]) == "{\"n\":\(signed)}")
            #expect(try json(-(signed >> 1)) == "\(-(signed >> 1))")
        }
    }

    @Test("Floats are shortest as floats")
    func floats() throws {
        #expect(try json(Float(0.1)) == "0.1")
        #expect(try json(Float(16_777_216)) == "16777216")
        #expect(try json(Float.greatestFiniteMagnitude) == "3.4028235e+38")
        #expect(try json([Float(1.25)]) == "[1.25]")
    }

    @Test("Any finite double is restored exactly", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let number = Double(bitPattern: random.next())
            guard number.isFinite else { continue }
            let text = try json(number)
            #expect(JSONTree(text) == .number(text))
            #expect(Double(text)?.bitPattern == number.bitPattern)
        }
    }

    @Test(
        "Strings escape what RFC 8259 requires and nothing else",
        arguments: [
            ("", ##""""##), ("plain", ##""plain""##), ("\"", ##""\"""##), ("\\", ##""\\""##), ("/", ##""/""##),
            ("</script>", ##""</script>""##), ("\u{8}\t\n\u{C}\r", ##""\b\t\n\f\r""##),
            ("\u{0}\u{1}\u{1F}", ##""\u0000\u0001\u001f""##), ("\u{7F}", "\"\u{7F}\""),
            ("\u{E9}\u{4E2D}\u{1F600}", "\"\u{E9}\u{4E2D}\u{1F600}\""), ("\u{2028}", "\"\u{2028}\""),
            ("12345678\"", ##""12345678\"""##), ("1234567\"8", ##""1234567\"8""##), ("\"\"\"\"", ##""\"\"\"\"""##),
        ])
    func strings(string: String, text: String) throws {
        #expect(try json(string) == text)
    }

    @Test("Every scalar below U+0250 is restored at each offset within a word", arguments: 0..<18)
    func everyScalar(offset: Int) throws {
        for value in 0..<UInt32(0x250) {
            guard let scalar = Unicode.Scalar(value) else { continue }
            for padding in ["a", "\u{E9}", " ", "!", "\u{7F}", "#", "]", "["] {
                let string = String(repeating: padding, count: offset) + String(scalar) + "tail"
                #expect(JSONTree(try json(string)) == .string(string))
            }
        }
    }

    @Test("Random text is restored", arguments: 0..<8 as Range<UInt64>)
    func randomText(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0..<60, using: &random)
            let string = String(
                decoding: (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }, as: UTF8.self)
            #expect(JSONTree(try json([string: string])) == .object([.init(name: string, value: .string(string))]))
        }
    }

    @Test("Booleans and null")
    func constants() throws {
        #expect(try json(true) == "true")
        #expect(try json(false) == "false")
        #expect(try json(Int?.none) == "null")
        #expect(try json(Int?.some(1)) == "1")
        #expect(try json([Int?.none, 1]) == "[null,1]")
    }
}
