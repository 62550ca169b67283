import Foundation
import HyperServe
import HyperServeTesting
import TestSupport
import Testing

@Suite("Types of Foundation without the module's coding")
struct UnsupportedTypeTests {
    struct Holder<Value: Codable & Sendable>: Codable, Sendable {
        var value: Value
    }

    struct Optionals<Value: Codable & Sendable>: Codable, Sendable {
        var value: Value?
    }

    @Test("Date, URL, Data and Decimal are not encoded, wherever they are")
    func encoding() throws {
        try expectRefused(Date(timeIntervalSince1970: 0), name: "Date")
        try expectRefused(#require(URL(string: "https://example.org/")), name: "URL")
        try expectRefused(Data([1, 2]), name: "Data")
        try expectRefused(Decimal(1), name: "Decimal")
    }

    private func expectRefused<Value: Codable & Hashable & Sendable>(_ value: Value, name: String) throws {
        expectError(name) { try JSON.encode(value) }
        expectError(name) { try JSON.encode(Holder(value: value)) }
        expectError(name) { try JSON.encode(Holder(value: Value?.some(value))) }
        expectError(name) { try JSON.encode(Holder(value: Patch.value(value))) }
        expectError(name) { try JSON.encode([value]) }
        expectError(name) { try JSON.encode([Value?.some(value)]) }
        expectError(name) { try JSON.encode(["key": value]) }
        expectError(name) { try JSON.encode([value: 1]) }
        expectError(name) { try JSON.encode(["a": [["b": value]]]) }
        for text in ["0", "\"\"", "{}", "[]", "true", #"{"relative":"a"}"#, "[1,2]"] {
            let bytes = Array(text.utf8)
            expectError(name) { try JSON.decode(Value.self, from: bytes) }
            expectError(name) { try JSON.decode([Value].self, from: Array("[\(text)]".utf8)) }
            expectError(name) { try JSON.decode(Optionals<Value>.self, from: Array("{\"value\":\(text)}".utf8)) }
            expectError(name) { try JSON.decode([String: Value].self, from: Array("{\"value\":\(text)}".utf8)) }
        }
        // Nothing is asked of a value that is not there.
        #expect(try JSON.decode(Optionals<Value>.self, from: Array("{}".utf8)).value == nil)
        #expect(try JSON.encode(Optionals<Value>()) == Array("{}".utf8))
    }

    /// Expects an error that names the type and the module.
    private func expectError<Result>(_ name: String, _ body: () throws -> Result) {
        let error = #expect(throws: (any Error).self) { try body() }
        let description: String
        switch error {
        case EncodingError.invalidValue(_, let context)?: description = context.debugDescription
        case DecodingError.dataCorrupted(let context)?: description = context.debugDescription
        default: description = "another error: \(String(describing: error))"
        }
        #expect(description.contains("Foundation.\(name) "))
        #expect(description.contains("HyperServeFoundation"))
    }

    @Test("The path leads to the value")
    func path() {
        let error = #expect(throws: EncodingError.self) {
            try JSON.encode(["a": [Holder(value: Date())]])
        }
        guard case .invalidValue(let value, let context) = error else { return }
        // Not the value itself: the description of a date that is not a number stops the program.
        #expect(value as? Any.Type == Date.self)
        #expect(context.codingPath.map(\.stringValue) == ["a", "Index 0", "value"])
    }

    /// Types of the same names are not Foundation's.
    enum Own {
        struct Date: Codable, Equatable { var day = 1 }
        struct Data: Codable, Equatable { var bytes: [UInt8] = [1] }
        struct URL: Codable, Equatable { var path = "/" }
    }

    @Test("UUIDs, and other types of the same names, are coded as before")
    func others() throws {
        let text = "E621E1F8-C36C-495A-93FC-0C247A3E6E5F"
        let uuid = try #require(UUID(uuidString: text))
        #expect(try JSON.encode(uuid) == Array("\"\(text)\"".utf8))
        #expect(try JSON.encode([uuid]) == Array("[\"\(text)\"]".utf8))
        #expect(try JSON.decode(UUID.self, from: Array("\"\(text.lowercased())\"".utf8)) == uuid)
        #expect(throws: DecodingError.self) { try JSON.decode(UUID.self, from: Array("\"\(text)0\"".utf8)) }
        #expect(try JSON.encode([Own.Date()]) == Array(#"[{"day":1}]"#.utf8))
        #expect(try JSON.encode(Own.Data()) == Array(#"{"bytes":[1]}"#.utf8))
        #expect(try JSON.decode(Own.URL.self, from: Array(#"{"path":"/"}"#.utf8)) == Own.URL())
    }

    @Test("Many types, looked up on several threads, are distinguished each time")
    func manyTypes() async throws {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for round in 0..<50 {
                        #expect(throws: EncodingError.self) { try JSON.encode([Date()]) }
                        #expect(throws: EncodingError.self) { try JSON.encode([Decimal(round)]) }
                        #expect((try? JSON.encode([[round]])) != nil)
                        #expect((try? JSON.encode([Own.Date()])) != nil)
                        #expect((try? JSON.encode(Holder(value: Holder(value: [Holder(value: round)])))) != nil)
                    }
                }
            }
        }
    }

    @Test("A handler that does without is the application's mistake: 500, whatever the client sent")
    func handlers() async throws {
        var router = Router()
        router.post("/json") { request in .text("\(try request.decode(json: Holder<Date>.self).value)") }
        router.post("/form") { request in .text("\(try request.decode(form: Holder<Decimal>.self).value)") }
        router.get("/query") { request in .text("\(try request.query.decode(Holder<URL>.self).value)") }
        router.get("/response") { _ in try .json(Holder(value: Data([1]))) }
        let client = try TestClient(router: router)
        #expect(try await client.post("/json", json: ["value": 1]).status == .internalServerError)
        let form: HeaderFields = ["Content-Type": "application/x-www-form-urlencoded"]
        #expect(try await client.post("/form", headers: form, body: "value=1").status == .internalServerError)
        #expect(try await client.get("/query?value=a").status == .internalServerError)
        #expect(try await client.get("/response").status == .internalServerError)
        // What the client did wrong stays its own.
        #expect(try await client.post("/json", json: ["other": 1]).status == .unprocessableContent)
        #expect(try await client.get("/query").status == .badRequest)
    }
}
