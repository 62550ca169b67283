import Foundation
import HyperServe
import HyperServeFoundation
import HyperServeTesting
import Testing

@Suite("Types of Foundation in requests and responses")
struct FoundationRequestTests {
    struct Filter: Codable, Equatable {
        var since: Date
        var link: URL?
        var maximumPrice: Decimal
        var ids: [UUID]
        var key: Data?
        var limit: Int64
    }

    static let filter = Filter(
        since: Date(timeIntervalSince1970: 0), link: URL(string: "https://example.org/"),
        maximumPrice: Decimal(25) / 10,
        ids: [UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))], key: Data([255]), limit: .max)

    static let text =
        "since=1970-01-01T01:00:00%2B01:00&link=https://example.org/&maximumPrice=2.50"
        + "&ids=01020304-0506-0708-090A-0B0C0D0E0F10&key=/w%3D%3D&limit=9223372036854775807"

    private func client() throws -> TestClient {
        var router = Router()
        router.get("/ids/{id}") { request in .text("\(try request.parameter("id", as: UUID.self))") }
        router.get("/days/{day}") { request in
            .text("\(try request.parameter("day", as: Date.self).timeIntervalSince1970)")
        }
        router.get("/missing") { request in .text("\(try request.parameter("id", as: UUID.self))") }
        router.get("/optional") { request in
            let id = try request.query.parameter("id", as: UUID.self)
            let price = try request.query.parameter("price", as: Decimal.self)
            return .text("\(id?.uuidString ?? "none") \(price?.description ?? "none")")
        }
        router.get("/empty") { request in
            let date = try request.query.parameter("x", as: Date.self)
            let url = try request.query.parameter("x", as: URL.self)
            let data = try request.query.parameter("x", as: Data.self)
            return .text("\(date == nil) \(url == nil) \(data == Data())")
        }
        router.get("/query") { request in
            try .json(request.query.decode(Filter.self, coding: .foundation), coding: .foundation)
        }
        router.post("/form") { request in
            try .json(request.decode(form: Filter.self, coding: .foundation), coding: .foundation)
        }
        let api = ValueCoding.foundation(dates: .secondsSince1970, keys: .snakeCase)
        router.post("/json") { request in
            try .json(request.decode(json: Filter.self, coding: api), status: .created, coding: api)
        }
        router.get("/snake") { request in try .json(request.query.decode(Filter.self, coding: api), coding: api) }
        return try TestClient(router: router)
    }

    @Test("Path parameters are read, and refused with 400")
    func paths() async throws {
        let client = try client()
        let id = "01020304-0506-0708-090A-0B0C0D0E0F10"
        #expect(try await client.get("/ids/\(id.lowercased())").text == id)
        #expect(try await client.get("/days/1970-01-02T00:00:00Z").text == "86400.0")
        for target in ["/ids/1", "/ids/\(id)0", "/ids/%7B\(id)%7D", "/days/1970-01-01"] {
            let response = try await client.get(target)
            #expect(response.status == .badRequest)
            #expect(response.text.contains("is not valid"))
        }
        #expect(try await client.get("/missing").status == .internalServerError)
    }

    @Test("Parameters of a query may be absent, and are refused with 400")
    func queryParameters() async throws {
        let client = try client()
        #expect(try await client.get("/optional").text == "none none")
        #expect(
            try await client.get("/optional?id=01020304-0506-0708-090a-0b0c0d0e0f10&price=0.10").text
                == "01020304-0506-0708-090A-0B0C0D0E0F10 0.1")
        for query in ["id=", "id", "price=", "id=&price="] {
            #expect(try await client.get("/optional?\(query)").text == "none none")
        }
        #expect(try await client.get("/empty?x=").text == "true true true")
        for query in ["id=1", "id=%20", "price=x", "price=1e999", "price=0x1", "price=%2B1"] {
            #expect(try await client.get("/optional?\(query)").status == .badRequest)
        }
    }

    @Test("Queries and forms are decoded")
    func forms() async throws {
        let client = try client()
        let query = try await client.get("/query?\(Self.text)")
        #expect(try query.decode(json: Filter.self, coding: .foundation) == Self.filter)
        let form = try await client.post(
            "/form", headers: ["Content-Type": "application/x-www-form-urlencoded"], body: Self.text)
        #expect(try form.decode(json: Filter.self, coding: .foundation) == Self.filter)
        for wrong in ["2.50", "9223372036854775807", "1970-01-01T01:00:00%2B01:00", "/w%3D%3D"] {
            let text = Self.text.replacing(wrong, with: wrong + "9")
            #expect(try await client.get("/query?\(text)").status == (wrong == "2.50" ? .ok : .badRequest))
        }
    }

    @Test("A patch of such a type is null if its value is empty or null, and absent without one")
    func patches() async throws {
        struct Changes: Decodable {
            var due: Patch<Date>
            var id: Patch<UUID>
            var link: Patch<URL>
        }
        var router = Router()
        router.get("/") { request in
            let changes = try request.query.decode(Changes.self, coding: .foundation)
            return .text("\(changes.due == .null) \(changes.id == .null) \(changes.link == .absent)")
        }
        let client = try TestClient(router: router)
        #expect(try await client.get("/?due=&id=").text == "true true true")
        #expect(try await client.get("/?due=1970-01-01T00:00:00Z&id=&link=").text == "false true false")
        #expect(try await client.get("/?due=%20").status == .badRequest)
        // Nothing is asked of a value that is not there, with any coding.
        let changes = try JSON.decode(Changes.self, from: Array(#"{"due":null,"id":null}"#.utf8))
        #expect(changes.due == .null && changes.id == .null && changes.link == .absent)
    }

    @Test("A coding of one's own holds for JSON, queries and responses")
    func ownCoding() async throws {
        let client = try client()
        let api = ValueCoding.foundation(dates: .secondsSince1970, keys: .snakeCase)
        let response = try await client.post("/json", json: Self.filter, coding: api)
        #expect(response.status == .created)
        #expect(response.text.contains(#""since":0,"#))
        #expect(response.text.contains(#""maximum_price":2.5"#))
        #expect(try response.decode(json: Filter.self, coding: api) == Self.filter)
        let text = Self.text.replacing("maximumPrice", with: "maximum_price")
            .replacing("1970-01-01T01:00:00%2B01:00", with: "-0.5e1")
        let query = try await client.get("/snake?\(text)")
        #expect(try query.decode(json: Filter.self, coding: api).since == Date(timeIntervalSince1970: -5))
    }

    @Test("A client's mistake is 422, and says where it is")
    func clientMistakes() async throws {
        let client = try client()
        let response = try await client.post("/json", json: ["since": "yesterday"])
        #expect(response.status == .unprocessableContent)
        #expect(response.text.hasPrefix("since: expected a number, found a string"))
    }

    @Test("Problem details have their own coding, in every format of errors", arguments: [0, 1, 2])
    func problems(format: Int) async throws {
        var router = Router()
        router.get("/thrown") { _ in throw HTTPError(Self.problem(.foundation)) }
        router.get("/returned") { _ in try .problem(Self.problem(.foundation)) }
        router.get("/milliseconds") { _ in
            throw HTTPError(Self.problem(.foundation(dates: .millisecondsSince1970, keys: .snakeCase)))
        }
        router.get("/none") { _ in throw HTTPError(Self.problem(ValueCoding())) }
        var configuration = ServerConfiguration()
        configuration.log = nil
        configuration.errorFormat = [.text, .problemDetails, .custom { try .problem($0.problem) }][format]
        let client = try TestClient(router: router, configuration: configuration)
        let text = { (date: String) in
            #"{"title":"Conflict","status":409,"lastChange":\#(date),"takenNames":{"inUse":1}}"#
        }
        for path in ["/thrown", "/returned"] {
            let response = try await client.get(path)
            #expect(response.status == .conflict && response.text == text("\"1970-01-01T00:00:01Z\""))
        }
        #expect(try await client.get("/milliseconds").text == text("1000"))
        #expect(try await client.get("/none").status == (format == 2 ? .conflict : .internalServerError))
    }

    private static func problem(_ coding: ValueCoding) -> ProblemDetails {
        var problem = ProblemDetails(.conflict)
        problem.extensions = ["lastChange": Date(timeIntervalSince1970: 1), "takenNames": ["inUse": 1]]
        problem.coding = coding
        return problem
    }
}
