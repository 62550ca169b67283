import HyperServe
import HyperServeTesting
import Testing

/// The rules are the same for the path, the query and forms.
@Suite("Numbers and other values from text", .timeLimit(.minutes(20)))
struct TextValueTests {
    private static func router() -> Router {
        struct Numbers: Decodable {
            var double: Double?
            var float: Float?
            var half: Float16?
            var int: Int?
            var uint: UInt8?
            var bool: Bool?
        }
        var router = Router()
        router.get("/double/{v}") { request in try .json([request.parameter("v", as: Double.self)]) }
        router.get("/int/{v}") { request in try .json([request.parameter("v", as: Int.self)]) }
        router.get("/uint/{v}") { request in try .json([request.parameter("v", as: UInt8.self)]) }
        router.get("/bool/{v}") { request in try .json([request.parameter("v", as: Bool.self)]) }
        router.get("/query") { request in
            if let value = try request.query.parameter("double", as: Double.self) { return try .json([value]) }
            if let value = try request.query.parameter("float", as: Float.self) { return try .json([value]) }
            if let value = try request.query.parameter("half", as: Float16.self) { return try .json([value]) }
            if let value = try request.query.parameter("int", as: Int.self) { return try .json([value]) }
            if let value = try request.query.parameter("uint", as: UInt8.self) { return try .json([value]) }
            if let value = try request.query.parameter("bool", as: Bool.self) { return try .json([value]) }
            return .text("none")
        }
        router.get("/decoded") { request in
            let numbers = try request.query.decode(Numbers.self)
            if let value = numbers.double { return try .json([value]) }
            if let value = numbers.float { return try .json([value]) }
            if let value = numbers.half { return try .json([value]) }
            if let value = numbers.int { return try .json([value]) }
            if let value = numbers.uint { return try .json([value]) }
            return try .json([numbers.bool])
        }
        router.post("/form") { request in
            let numbers = try request.decode(form: Numbers.self)
            if let value = numbers.double { return try .json([value]) }
            if let value = numbers.float { return try .json([value]) }
            if let value = numbers.int { return try .json([value]) }
            if let value = numbers.uint { return try .json([value]) }
            return try .json([numbers.bool])
        }
        return router
    }

    /// The results of all conversions of a text to a type.
    private static func results(_ type: String, _ text: String) async throws -> [String] {
        let client = try TestClient(router: router())
        let encoded = text.utf8.map { "%" + (String($0, radix: 16).count == 1 ? "0" : "") + String($0, radix: 16) }
            .joined()
        var responses: [TestResponse] = []
        if ["double", "int", "uint", "bool"].contains(type) {
            responses.append(try await client.get("/\(type)/\(encoded)"))
        }
        responses.append(try await client.get("/query?\(type)=\(encoded)"))
        responses.append(try await client.get("/decoded?\(type)=\(encoded)"))
        if type != "half" {
            responses.append(
                try await client.post(
                    "/form", headers: ["Content-Type": "application/x-www-form-urlencoded"],
                    body: "\(type)=\(encoded)"))
        }
        return responses.map { response in
            switch response.status.code {
            case 200: response.text
            case 400, 422: "rejected"
            default: "\(response.status.code)"
            }
        }
    }

    @Test(
        "a finite decimal number is read, the same everywhere",
        arguments: [
            ("double", "0", "[0]"), ("double", "-0.5", "[-0.5]"), ("double", "1e3", "[1000]"),
            ("double", "1E+3", "[1000]"), ("double", "25e-1", "[2.5]"), ("double", ".5", "[0.5]"),
            ("double", "-.5e1", "[-5]"), ("double", "007.250", "[7.25]"), ("double", "1e-999", "[0]"),
            ("double", "1.7976931348623157e308", "[1.7976931348623157e308]"), ("float", "1.5", "[1.5]"),
            ("half", "65504", "[65504]"), ("int", "-5", "[-5]"), ("int", "007", "[7]"),
            ("int", "9223372036854775807", "[9223372036854775807]"), ("uint", "255", "[255]"),
            ("bool", "true", "[true]"), ("bool", "false", "[false]"), ("bool", "on", "[true]"),
        ])
    func read(type: String, text: String, value: String) async throws {
        let results = try await Self.results(type, text)
        for result in results {
            #expect(result.lowercased().replacing("e+", with: "e").replacing(".0]", with: "]") == value)
        }
    }

    @Test(
        "any other text that Swift converts to a number is rejected, the same everywhere",
        arguments: [
            ("double", "nan"), ("double", "NaN"), ("double", "-nan"), ("double", "nan(0x1)"), ("double", "snan"),
            ("double", "inf"), ("double", "-inf"), ("double", "infinity"), ("double", "1e999"), ("double", "-1e999"),
            ("double", "0x1p3"), ("double", "0x10"), ("double", "+1"), ("double", "+1.5e3"), ("double", " 1"),
            ("double", "1 "), ("double", "1."), ("double", "."), ("double", "-"), ("double", "e5"), ("double", "1e"),
            ("double", "1e+"), ("double", "1_000"), ("double", "1,5"), ("double", "\u{661}"), ("double", "1\0"),
            ("double", "--1"), ("double", "1.2.3"), ("float", "1e39"), ("float", "nan"), ("half", "65536"),
            ("half", "nan"), ("int", "+5"), ("int", "5.0"), ("int", "1e3"), ("int", "0x5"),
            ("int", "9223372036854775808"), ("uint", "+5"), ("uint", "-1"), ("uint", "256"), ("bool", "1"),
            ("bool", "TRUE"), ("bool", "yes"),
        ])
    func refused(type: String, text: String) async throws {
        let results = try await Self.results(type, text)
        #expect(results == results.map { _ in "rejected" })
    }

    @Test("a plus sign in a path is not part of a number either", arguments: ["/int/+5", "/double/+5", "/uint/+5"])
    func plus(path: String) async throws {
        #expect(try await TestClient(router: Self.router()).get(path).status == .badRequest)
    }
}

/// `Character` has an initializer for text that traps unless there is exactly one.
@Suite("Characters from text", .timeLimit(.minutes(20)))
struct CharacterValueTests {
    @Test(
        "one is read, more are rejected, and an empty value of a query is absent",
        arguments: [
            ("a", 200), ("%C3%A9", 200), ("e%CC%81", 200), ("%F0%9F%91%A9%E2%80%8D%F0%9F%92%BB", 200), ("", 200),
            ("ab", 400), ("%F0%9F%98%80%F0%9F%98%80", 400),
        ])
    func characters(text: String, status: UInt16) async throws {
        var router = Router()
        router.get("/query") { request in
            .text("\(try request.query.parameter("c", as: Character.self).map(String.init) ?? "none")")
        }
        router.get("/path/{c}") { request in .text("\(try request.parameter("c", as: Character.self))") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/query?c=\(text)").status.code == status)
        if !text.isEmpty { #expect(try await client.get("/path/\(text)").status.code == status) }
    }
}
