import HyperServe
import HyperServeFoundation
import TestSupport
import Testing

// The smaller of Foundation's modules has all that is needed.
#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite("Types of Foundation in JSON")
struct FoundationValueTests {
    struct Note: Codable, Equatable {
        var id: UUID
        var createdAt: Date
        var link: URL?
        var price: Decimal
        var image: Data
        var prices: [Decimal?]
        var linksByName: [String: URL]
        var dueAt: Patch<Date>
        var days: Set<Date>
    }

    static func note() throws -> Note {
        Note(
            id: try #require(UUID(uuidString: "E621E1F8-C36C-495A-93FC-0C247A3E6E5F")),
            createdAt: Date(timeIntervalSince1970: 1.5), link: URL(string: "https://example.org/a?b=c#d"),
            price: try #require(Decimal(string: "0.1")), image: Data([0, 255, 62]), prices: [1, nil],
            linksByName: ["aB": try #require(URL(string: "/relative"))], dueAt: .value(Date(timeIntervalSince1970: 0)),
            days: [Date(timeIntervalSince1970: -1)])
    }

    @Test("Values are coded wherever they are")
    func values() throws {
        let text = try JSON.encode(Self.note(), coding: .foundation)
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"id":"E621E1F8-C36C-495A-93FC-0C247A3E6E5F","createdAt":"1970-01-01T00:00:01.5Z","#
                + #""link":"https://example.org/a?b=c#d","price":0.1,"image":"AP8+","prices":[1,null],"#
                + #""linksByName":{"aB":"/relative"},"dueAt":"1970-01-01T00:00:00Z","days":["1969-12-31T23:59:59Z"]}"#)
        #expect(try JSON.decode(Note.self, from: text, coding: .foundation) == Self.note())
    }

    @Test("Dates and names have the forms that are asked for")
    func strategies() throws {
        let coding = ValueCoding.foundation(dates: .millisecondsSince1970, keys: .snakeCase)
        let text = try JSON.encode(Self.note(), coding: coding)
        #expect(
            String(decoding: text, as: UTF8.self)
                == #"{"id":"E621E1F8-C36C-495A-93FC-0C247A3E6E5F","created_at":1500,"#
                + #""link":"https://example.org/a?b=c#d","price":0.1,"image":"AP8+","prices":[1,null],"#
                + #""links_by_name":{"aB":"/relative"},"due_at":0,"days":[-1000]}"#)
        #expect(try JSON.decode(Note.self, from: text, coding: coding) == Self.note())
    }

    @Test("A value alone is a whole text")
    func alone() throws {
        #expect(try JSON.encode(Data(), coding: .foundation) == Array("\"\"".utf8))
        #expect(try JSON.decode(Data.self, from: Array("\"\"".utf8), coding: .foundation) == Data())
        #expect(try JSON.encode([Decimal(1): 2], coding: .foundation) == Array("[1,2]".utf8))
    }

    @Test(
        "Decimals keep all their digits",
        arguments: [
            "0", "1", "-1", "0.1", "-0.000001", "12345678901234567890123456789012345678", "1e127",
            "340282366920938463463374607431768211455", "0.1234567890123456789012345678901234567", "1.50", "100", "1e2",
            "-9007199254740993", "1e-128", "3402823669209384634633746074317682114550e126", "0e999999999", "-0",
        ])
    func decimals(text: String) throws {
        let decimal = try JSON.decode(Decimal.self, from: Array(text.utf8), coding: .foundation)
        let expected = try #require(Decimal(string: text.hasSuffix("999999999") ? "0" : text))
        #expect(decimal == expected)
        let written = try JSON.encode(decimal, coding: .foundation)
        #expect(String(decoding: written, as: UTF8.self) == expected.description)
        #expect(try JSON.decode(Decimal.self, from: written, coding: .foundation) == expected)
    }

    @Test(
        "Numbers that no Decimal represents exactly are refused",
        arguments: [
            "0.1234567890123456789012345678901234567890123", "340282366920938463463374607431768211457",
            "1e170", "1e-129", "1e999999999999999999999", "-1e400", String(repeating: "1", count: 10_000),
            "\"1\"", "null", "true", "[]", "{}",
        ])
    func refusedDecimals(text: String) {
        #expect(throws: DecodingError.self) {
            try JSON.decode(Decimal.self, from: Array(text.utf8), coding: .foundation)
        }
    }

    @Test("What is not a number is not encoded")
    func notANumber() {
        #expect(throws: EncodingError.self) { try JSON.encode([Decimal.nan], coding: .foundation) }
    }

    @Test("Malformed text and values of another kind are refused, with a path")
    func malformed() throws {
        try expectRefused(URL.self, ["\"\"", "\"http://a b\"", "1", "null", "{}", "[1]"])
        try expectRefused(Data.self, ["\"A\"", "\"AP8\"", "\"AP8-\"", "\"A P8\"", "[1,2]", "1", "null"])
        try expectRefused(UUID.self, ["\"\"", "\"E621E1F8\"", "1", "null", "[]"])
    }

    private func expectRefused<Value: Decodable>(_ type: Value.Type, _ texts: [String]) throws {
        for text in texts {
            let error = #expect(throws: DecodingError.self) {
                try JSON.decode([String: Value].self, from: Array("{\"key\":\(text)}".utf8), coding: .foundation)
            }
            switch error {
            case .dataCorrupted(let context), .typeMismatch(_, let context), .valueNotFound(_, let context):
                #expect(context.codingPath.map(\.stringValue) == ["key"])
            default: Issue.record("\(text): \(String(describing: error))")
            }
        }
    }

    @Test("Text with escapes is read as a value")
    func escapes() throws {
        let text = Array(#"["https:\/\/example.org\u002Fa"]"#.utf8)
        #expect(
            try JSON.decode([URL].self, from: text, coding: .foundation) == [URL(string: "https://example.org/a")])
    }
}
