import JSON
import Testing

@Suite("JSON that does not match the type is refused")
struct JSONMismatchTests {
    struct Order: Decodable {
        struct Line: Decodable {
            let count: Int8
            let price: Double?
        }

        let id: Int
        let lines: [Line]
    }

    private static let cases: [(text: String, path: String, description: String)] = [
        ("[]", "", "expected an object, found an array at byte 0"),
        ("null", "", "expected an object, found null at byte 0"),
        ("{}", "", #"the object at byte 0 has no member "id""#),
        (#"{"id":null,"lines":[]}"#, "id", "expected a number, found null at byte 6"),
        (#"{"id":"1","lines":[]}"#, "id", "expected a number, found a string at byte 6"),
        (#"{"id":1.0,"lines":[]}"#, "id", "expected a number without fraction and exponent, found another at byte 6"),
        (#"{"id":1e2,"lines":[]}"#, "id", "expected a number without fraction and exponent, found another at byte 6"),
        (#"{"id":9223372036854775808,"lines":[]}"#, "id", "the number does not fit Int at byte 6"),
        (#"{"id":-9223372036854775809,"lines":[]}"#, "id", "the number does not fit Int at byte 6"),
        (#"{"id":1,"lines":{}}"#, "lines", "expected an array, found an object at byte 16"),
        (#"{"id":1,"lines":[{"count":1},{"count":128}]}"#, "lines.1.count", "the number does not fit Int8 at byte 38"),
        (#"{"id":1,"lines":[{"count":-129}]}"#, "lines.0.count", "the number does not fit Int8 at byte 26"),
        (#"{"id":1,"lines":[{}]}"#, "lines.0", #"the object at byte 17 has no member "count""#),
        (#"{"id":1,"lines":[true]}"#, "lines.0", "expected an object, found a Boolean at byte 17"),
        (#"{"id":1,"lines":[{"count":1,"price":1e400}]}"#, "lines.0.price", "the number is too large at byte 36"),
        (
            #"{"id":1,"lines":[{"count":1,"price":false}]}"#, "lines.0.price",
            "expected a number, found a Boolean at byte 36"
        ),
    ]

    @Test("with the coding path and the offset", arguments: cases)
    func mismatch(text: String, path: String, description: String) {
        let error = #expect(throws: DecodingError.self) { try JSON.decode(Order.self, from: Array(text.utf8)) }
        let context: DecodingError.Context? =
            switch error {
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
                .dataCorrupted(let context):
                context
            default: nil
            }
        let found = context?.codingPath.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }
        #expect(found?.joined(separator: ".") == path)
        #expect(context?.debugDescription == description)
    }

    @Test("Integers at the limits of their types, and beyond")
    func ends() throws {
        #expect(try [UInt8](text: "[0,255,-0]") == [0, 255, 0])
        #expect(throws: DecodingError.self) { try [UInt8](text: "[256]") }
        #expect(throws: DecodingError.self) { try [UInt8](text: "[-1]") }
        #expect(throws: DecodingError.self) { try [UInt128](text: "[340282366920938463463374607431768211456]") }
        #expect(try [UInt128](text: "[340282366920938463463374607431768211455]") == [.max])
        #expect(throws: DecodingError.self) { try [Int](text: "[\(String(repeating: "9", count: 100_000))]") }
        #expect(try [Double](text: "[1e-400,1000000000000000000000000000000]") == [0, 1e30])
        #expect(throws: DecodingError.self) { try [Float](text: "[1e39]") }
    }

    @Test("A type that decodes itself from itself fails")
    func endless() {
        struct Endless: Decodable {
            init(from decoder: any Decoder) throws { self = try decoder.singleValueContainer().decode(Endless.self) }
        }
        #expect(throws: DecodingError.self) { try JSON.decode(Endless.self, from: Array("1".utf8)) }
    }

    @Test("Errors of a type are passed on")
    func ownErrors() {
        struct Refusing: Decodable {
            init(from decoder: any Decoder) throws { throw Failure() }
        }
        #expect(throws: Failure.self) { try JSON.decode([Refusing].self, from: Array("[1]".utf8)) }
    }
}

extension Decodable {
    fileprivate init(text: String) throws {
        self = try JSON.decode(Self.self, from: Array(text.utf8))
    }
}
