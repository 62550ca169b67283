import JSON
import TestSupport
import Testing

@Suite("Limits of integers in JSON")
struct IntegerLimitTests {
    @Test("Integers of every width are exact to their limits, and refused beyond")
    func limits() throws {
        try expectLimits(Int8.self)
        try expectLimits(Int16.self)
        try expectLimits(Int32.self)
        try expectLimits(Int64.self)
        try expectLimits(Int.self)
        try expectLimits(Int128.self)
        try expectLimits(UInt8.self)
        try expectLimits(UInt16.self)
        try expectLimits(UInt32.self)
        try expectLimits(UInt64.self)
        try expectLimits(UInt.self)
        try expectLimits(UInt128.self)
    }

    struct Holder<Value: Codable & Equatable>: Codable, Equatable {
        var number: Value
        var maybe: Value?
        var list: [Value]
        var map: [String: Value]
        var patch: Patch<Value>
    }

    private func expectLimits<Number: FixedWidthInteger & Codable>(_ type: Number.Type) throws {
        for number in [Number.min, .max, .min + 1, .max - 1, 0, 1] {
            let holder = Holder(
                number: number, maybe: number, list: [number], map: ["a": number], patch: .value(number))
            let text = try json(holder)
            #expect(
                text == #"{"number":\#(number),"maybe":\#(number),"list":[\#(number)],"map":{"a":\#(number)},"#
                    + #""patch":\#(number)}"#)
            #expect(try JSON.decode(Holder<Number>.self, from: Array(text.utf8)) == holder)
        }
        for text in [beyond("\(Number.max)"), beyond("\(Number.min)"), "\(Number.max)0", "1e2", "1.0", "1.5"] {
            #expect(throws: DecodingError.self) { try JSON.decode(type, from: Array(text.utf8)) }
            #expect(throws: DecodingError.self) { try JSON.decode([Number].self, from: Array("[\(text)]".utf8)) }
            #expect(throws: DecodingError.self) {
                try JSON.decode([String: Number].self, from: Array("{\"a\":\(text)}".utf8))
            }
        }
    }

    /// The whole number one further from zero; of zero, -1. No limit ends with a nine.
    private func beyond(_ text: String) -> String {
        if text == "0" { return "-1" }
        return "\(text.dropLast())\(text.last!.wholeNumberValue! + 1)"
    }
}
