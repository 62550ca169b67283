import Testing

@testable import HyperServe

@Suite("Decoding forms")
struct FormTests {
    enum Size: String, Decodable {
        case small, large
    }

    struct Search: Decodable, Equatable {
        var text: String
        var page: Int?
        var tags: [String]
        var ids: Set<UInt8>
        var size: Size?
        var exact: Bool
        var scale: Double?
        var wide: Int128?
    }

    @Test("A struct of scalars, optionals, lists and enums")
    func search() throws {
        let search = try read(
            Search.self,
            "text=a%20b+c%2B%C3%A9&page=2&tags=x&tags=&tags=z%3D&ids=1&ids=255&size=large&exact=on&"
                + "scale=-1.5e3&wide=-170141183460469231731687303715884105728&unknown=1&unknown")
        #expect(
            search
                == Search(
                    text: "a b c+é", page: 2, tags: ["x", "", "z="], ids: [1, 255], size: .large, exact: true,
                    scale: -1500, wide: .min))
        let least = try read(Search.self, "text&exact=false")
        #expect(
            least
                == Search(text: "", page: nil, tags: [], ids: [], size: nil, exact: false, scale: nil, wide: nil))
    }

    struct Optionals: Decodable, Equatable {
        var text: String?
        var flag: Bool?
        var double: Double?
        var float: Float?
        var int: Int?
        var int8: Int8?
        var int16: Int16?
        var int32: Int32?
        var int64: Int64?
        var int128: Int128?
        var uint: UInt?
        var uint8: UInt8?
        var uint16: UInt16?
        var uint32: UInt32?
        var uint64: UInt64?
        var uint128: UInt128?
        var size: Size?
        var list: [String]?
        var numbers: [Int?]?
    }

    @Test("An optional with an empty value is absent, as an input that was not filled in; strings are empty")
    func emptyOptionals() throws {
        let names = [
            "text", "flag", "double", "float", "int", "int8", "int16", "int32", "int64", "int128", "uint", "uint8",
            "uint16", "uint32", "uint64", "uint128", "size", "list", "numbers",
        ]
        let empty = try read(Optionals.self, names.map { $0 + "=" }.joined(separator: "&"))
        #expect(empty == Optionals(text: "", list: [""], numbers: [nil]))
        #expect(try read(Optionals.self, names.joined(separator: "&")) == empty)
        #expect(try read(Optionals.self, "") == Optionals())
        let full = names.filter { !["flag", "size"].contains($0) }.map { $0 + "=1" }.joined(separator: "&")
        #expect(
            try read(Optionals.self, full + "&flag=on&size=small&numbers=&numbers=2")
                == Optionals(
                    text: "1", flag: true, double: 1, float: 1, int: 1, int8: 1, int16: 1, int32: 1, int64: 1,
                    int128: 1, uint: 1, uint8: 1, uint16: 1, uint32: 1, uint64: 1, uint128: 1, size: .small,
                    list: ["1"], numbers: [1, nil, 2]))
    }

    @Test("An empty value of what is not optional is still rejected", arguments: ["int=", "int"])
    func emptyRequired(text: String) {
        struct Required: Decodable {
            var int: Int
        }
        #expect(throws: DecodingError.self) { try read(Required.self, text) }
        #expect(throws: DecodingError.self) { try read([String: UInt8].self, text) }
        #expect(throws: DecodingError.self) { try read([String: [Int]].self, text) }
    }

    @Test("Dictionaries have all names, and values may have equals signs")
    func dictionaries() throws {
        #expect(try read([String: String].self, "a=1&b==&&c&=d") == ["a": "1", "b": "=", "c": "", "": "d"])
        #expect(try read([String: [Int]].self, "a=1&b=2&a=3") == ["a": [1, 3], "b": [2]])
        #expect(try read([String: String].self, "").isEmpty)
    }

    @Test(
        "A value that does not fit is rejected, with its name",
        arguments: [
            ("exact=true", "text"), ("text=a", "exact"), ("text=a&exact=1", "exact"), ("text=a&exact=", "exact"),
            ("text=a&text=b&exact=true", "text"), ("text=a&exact=true&page=1.0", "page"),
            ("text=a&exact=true&page=%20", "page"), ("text=a&exact=true&page=&page=1", "page"),
            ("text=a&exact=true&page=99999999999999999999", "page"),
            ("text=a&exact=true&ids=1&ids=256", "ids.1"), ("text=a&exact=true&size=medium", "size"),
            ("text=a&exact=true&scale=nan", "scale"), ("text=a&exact=true&scale=inf", "scale"),
            ("text=a&exact=true&scale=1e999", "scale"),
        ])
    func refused(text: String, path: String) {
        let error = #expect(throws: DecodingError.self) { try read(Search.self, text) }
        let found: [any CodingKey] =
            switch error {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            default: []
            }
        #expect(found.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".") == path)
    }

    @Test("Integers are exact to their limits, and refused beyond")
    func integers() throws {
        try expectLimits(Int64.self)
        try expectLimits(UInt64.self)
        try expectLimits(Int128.self)
        try expectLimits(UInt128.self)
        try expectLimits(Int8.self)
        try expectLimits(UInt.self)
    }

    struct Holder<Value: Decodable>: Decodable {
        var number: Value
        var maybe: Value?
        var list: [Value]
    }

    private func expectLimits<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws {
        for number in [Number.min, .max, 0, .max - 1, .min + 1] {
            let holder = try read(Holder<Number>.self, "number=\(number)&maybe=\(number)&list=\(number)&list=1")
            #expect(holder.number == number && holder.maybe == number && holder.list == [number, 1])
        }
        // Ten times the limit, and one beyond it, as text: no wider type is needed.
        for text in ["\(Number.max)0", "-\(Number.max)0", plusOne("\(Number.max)"), "1e2", "1.0", "-0.5"] {
            #expect(throws: DecodingError.self) { try read(Holder<Number>.self, "number=\(text)") }
            #expect(throws: DecodingError.self) { try read(Holder<Number>.self, "number=1&list=\(text)") }
        }
    }

    /// The number after one that does not end with a nine.
    private func plusOne(_ text: String) -> String {
        let last = text.last!.wholeNumberValue!
        return "\(text.dropLast())\(last + 1)"
    }

    @Test("A patch is absent, null if its value is empty and its type has no empty value, or a value")
    func patches() throws {
        struct Changes: Decodable, Equatable {
            var name: Patch<String>
            var count: Patch<Int>
        }
        #expect(try read(Changes.self, "count=1") == Changes(name: .absent, count: .value(1)))
        #expect(try read(Changes.self, "count=&name=") == Changes(name: .value(""), count: .null))
        #expect(try read(Changes.self, "count&name=a") == Changes(name: .value("a"), count: .null))
        #expect(try read([String: [Patch<Int>]].self, "a=1&a=") == ["a": [.value(1), .null]])
        for wrong in ["count=x", "count=%20", "count=1&count="] {
            #expect(throws: DecodingError.self) { try read(Changes.self, wrong) }
        }
    }

    @Test("Names may be in snake case")
    func snakeCase() throws {
        struct Search: Decodable, Equatable {
            var searchText: String
            var pageURLs: [String]
            var sizeLimit: Int128?
        }
        let search = try read(
            Search.self, "search_text=a&page_urls=x&page_urls=y&size_limit=1", ValueCoding(keys: .snakeCase))
        #expect(search == Search(searchText: "a", pageURLs: ["x", "y"], sizeLimit: 1))
        #expect(try read([String: Int].self, "aB=1", ValueCoding(keys: .snakeCase)) == ["aB": 1])
    }

    @Test("A type that decodes itself without end is refused")
    func endless() {
        struct Endless: Decodable {
            init(from decoder: any Decoder) throws { self = try decoder.singleValueContainer().decode(Endless.self) }
        }
        #expect(throws: DecodingError.self) { try read([String: Endless].self, "a=1") }
    }

    @Test("Forms inside of forms, and lists of lists, are rejected")
    func nested() {
        #expect(throws: DecodingError.self) { try read([String: [String: Int]].self, "a=1") }
        #expect(throws: DecodingError.self) { try read([String: [[Int]]].self, "a=1") }
        #expect(throws: DecodingError.self) { try read([Int].self, "a=1") }
        #expect(throws: DecodingError.self) { try read(Int.self, "1") }
    }

    @Test("Malformed encodings are rejected", arguments: ["%", "a=%4", "a=%zz", "%C3=1", "a=%ED%A0%80", "a=%FF"])
    func malformed(text: String) {
        let error = #expect(throws: HTTPError.self) { try read([String: String].self, text) }
        #expect(error?.status == .badRequest)
    }

    @Test("1,000 fields are accepted, and no more")
    func count() throws {
        let text = { (count: Int) in (0..<count).map { "f\($0)=\($0)" }.joined(separator: "&") }
        #expect(try read([String: Int].self, text(FormFields.maximumCount)).count == FormFields.maximumCount)
        #expect(throws: HTTPError.self) { try read([String: Int].self, text(FormFields.maximumCount + 1)) }
    }

    private func read<Value: Decodable>(
        _ type: Value.Type, _ text: String, _ coding: ValueCoding = ValueCoding()
    ) throws -> Value {
        // The bytes of a string expose nothing else.
        try FormDecoder(FormFields(unsafe text.utf8Span.span.bytes), coding: coding).decode(type)
    }
}
