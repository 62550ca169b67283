import JSON
import TestSupport
import Testing

@Suite("JSON decoding")
struct JSONDecodingTests {
    struct Item: Codable, Equatable {
        var name: String
        var price: Double
        var tags: [String] = []
        var note: String?
    }

    struct Everything: Codable, Equatable {
        var flag = true
        var text = "a \"b\" \\ \u{1F600} \u{1} é"
        var missing: Int?
        var numbers: [Double] = [
            0, -0.0, 1, 2.5, -1e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1, 1e22, 1e23,
        ]
        var floats: [Float] = [0.1, .greatestFiniteMagnitude, .leastNonzeroMagnitude, 16_777_216]
        var integers: [Int] = [.min, -1, 0, 1, .max]
        var unsigned: [UInt64] = [0, .max]
        var wide: [Int128] = [.min, .max]
        var unsignedWide: UInt128 = .max
        var maybeWide: Int128? = .min
        var noWide: UInt128?
        var wideNumbers = ["a": Int128.min]
        var bytes: [Int8] = [.min, .max]
        var items = [Item(name: "n", price: 1.25, tags: ["x", ""], note: nil), Item(name: "", price: 3, note: "y")]
        var map = ["a": [1], "b/\n": [], "é": [2, 3]]
        var numbered = [1: "one", -2: "two"]
        var flags = [true: 1]
        var optionals: [Int?] = [1, nil, 3]
        var shapes: [Shape] = [.point, .circle(radius: 1.5), .box(1, 2), .group([.point, .box(3, 4)])]
        var kind = Kind.large
        var set: Set<String> = ["p", "q"]
    }

    enum Kind: String, Codable {
        case small, large
    }

    indirect enum Shape: Codable, Equatable {
        case point
        case circle(radius: Double)
        case box(Int, Int)
        case group([Shape])
    }

    @Test("The output of the encoder decodes to the same value")
    func roundTrip() throws {
        let value = Everything()
        let text = try JSON.encode(value)
        let back = try JSON.decode(Everything.self, from: text)
        #expect(back == value)
        #expect(back.numbers[1].sign == .minus)
        #expect(try JSON.decode(Int.self, from: JSON.encode(5)) == 5)
        #expect(try JSON.decode(Int?.self, from: Array("null".utf8)) == nil)
    }

    @Test("Doubles are restored exactly", arguments: 0..<16 as Range<UInt64>)
    func doubles(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var numbers: [Double] = []
        for _ in 0..<2000 {
            let number = Double(bitPattern: random.next())
            if number.isFinite { numbers.append(number) }
            // Few digits, as in text written by people.
            numbers.append(Double(Int64(truncatingIfNeeded: random.next()) >> 20) / 1000)
        }
        let back = try JSON.decode([Double].self, from: JSON.encode(numbers))
        #expect(back.map(\.bitPattern) == numbers.map(\.bitPattern))
        for number in numbers {
            let text = Array("\(number)".utf8)
            #expect(try JSON.decode(Double.self, from: text).bitPattern == number.bitPattern)
        }
    }

    @Test("Members are found in any order, among others, and with escapes in their names")
    func order() throws {
        let text = #"{"x":[{"name":1}],"pri\u0063e":2.5,"tags":["a"],"y":{},"name":"n","note":null}"#
        let item = try JSON.decode(Item.self, from: Array(text.utf8))
        #expect(item == Item(name: "n", price: 2.5, tags: ["a"], note: nil))
    }

    @Test("Names are compared byte by byte")
    func canonicallyEqual() throws {
        let text = Array("{\"e\u{301}\":1}".utf8)
        struct Composed: Decodable {
            let value: Int?

            enum CodingKeys: String, CodingKey {
                case value = "\u{E9}"
            }
        }
        #expect(try JSON.decode(Composed.self, from: text).value == nil)
        #expect(try JSON.decode(Composed.self, from: Array("{\"\u{E9}\":1}".utf8)).value == 1)
    }

    @Test("Ten thousand elements, and an object of ten thousand members")
    func large() throws {
        let list = (0..<10_000).map { Item(name: "number \($0)", price: Double($0)) }
        #expect(try JSON.decode([Item].self, from: JSON.encode(list)) == list)
        let map = Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.price) })
        #expect(try JSON.decode([String: Double].self, from: JSON.encode(map)) == map)
    }

    @Test("A type that tries one shape after the other takes no longer for later elements")
    func attempts() throws {
        let numbers = (0..<50_000).map { JSONTree.number("\(Double($0))") }
        let text = "[\((0..<50_000).map(String.init).joined(separator: ","))]"
        #expect(try JSON.decode(JSONTree.self, from: Array(text.utf8)) == .array(numbers))
    }

    final class Reading: Decodable {
        let values: [String]

        init(from decoder: any Decoder) throws {
            let object = try decoder.container(keyedBy: AnyKey.self)
            let inner = try object.nestedContainer(keyedBy: AnyKey.self, forKey: "inner")
            var list = try object.nestedUnkeyedContainer(forKey: "list")
            var values = ["\(list.count!) of \(inner.allKeys.map(\.stringValue))"]
            #expect(object.contains("null") && !object.contains("none"))
            #expect(try object.decodeNil(forKey: "null"))
            #expect(try !list.decodeNil() && list.currentIndex == 0)
            #expect(throws: DecodingError.self) { try list.decode(String.self) }
            values.append("\(try list.decode(Int.self))")
            #expect(try list.decodeNil() && list.currentIndex == 2)
            values.append(try list.nestedContainer(keyedBy: AnyKey.self).decode(String.self, forKey: "a"))
            var nested = try list.nestedUnkeyedContainer()
            values.append("\(try nested.decode(Bool.self))")
            values.append(try list.superDecoder().singleValueContainer().decode(String.self))
            #expect(list.isAtEnd && nested.isAtEnd)
            #expect(throws: DecodingError.self) { try list.decode(Int.self) }
            #expect(throws: DecodingError.self) { try list.decodeNil() }
            values.append(try object.superDecoder().singleValueContainer().decode(String.self))
            values.append(try object.superDecoder(forKey: "null").singleValueContainer().decodeNil() ? "null" : "")
            values.append(inner.codingPath.map(\.stringValue).joined(separator: "."))
            values.append(nested.codingPath.map(\.stringValue).joined(separator: "."))
            self.values = values
        }
    }

    @Test("Containers are decoded in any order")
    func containers() throws {
        let text = #"{"inner":{"p":1,"q":2},"list":[7,null,{"a":"x"},[false],"last"],"null":null,"super":"s"}"#
        #expect(
            try JSON.decode(Reading.self, from: Array(text.utf8)).values
                == [#"5 of ["p", "q"]"#, "7", "x", "false", "last", "s", "null", "inner", "list.Index 3"])
    }

    @Test("A decoder can be kept, and outlives the call that created it")
    func kept() throws {
        struct Keeping: Decodable {
            let decoder: any Decoder

            init(from decoder: any Decoder) throws { self.decoder = decoder }
        }
        let kept = try JSON.decode([Keeping].self, from: Array("[[1,2],{}]".utf8))
        #expect(try [Int](from: kept[0].decoder) == [1, 2])
        #expect(kept[1].decoder.codingPath.last?.intValue == 1)
    }
}
