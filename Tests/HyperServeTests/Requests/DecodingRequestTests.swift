import HyperServe
import Testing

@Suite("Decoding requests")
struct DecodingRequestTests {
    struct Item: Codable, Equatable {
        var name: String
        var count: Int
    }

    private static func router() -> Router {
        var router = Router()
        router.post("/json") { request in try .json(request.decode(json: Item.self)) }
        router.post("/form") { request in try .json(request.decode(form: Item.self)) }
        router.get("/query") { request in try .json(request.query.decode(Item.self)) }
        router.get("/page") { request in
            .text("\(try request.query.parameter("page", as: Int.self).map(String.init) ?? "none")")
        }
        router.get("/items/{id}") { request in .text("\(try request.parameter("id", as: Int.self))") }
        router.get("/other/{id}") { request in .text("\(try request.parameter("name", as: Int.self))") }
        return router
    }

    private static func post(_ path: String, _ contentType: String?, _ body: String) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(contentType.map { "Content-Type: \($0)\r\n" } ?? "")"
            + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let form = "application/x-www-form-urlencoded"
    private static let good = #"{"count":2,"name":"n"}"#
    private static let written = #"{"name":"n","count":2}"#

    private static let malformed =
        "The parameters of the Content-Type are malformed: each is a name, \"=\" and a value, which is in "
        + "quotation marks if it has a slash, a space or another character that no token has."

    private static let posts: [(request: String, status: Int, text: String)] = [
        (post("/json", "application/json", good), 200, written),
        (post("/json", "Application/JSON ; charset=utf-8", good), 200, written),
        (post("/json", "application/merge-patch+json", good), 200, written),
        (post("/json", nil, good), 415, "The Content-Type must be application/json."),
        (post("/json", "text/plain", good), 415, "The Content-Type must be application/json."),
        (post("/json", "text/x+json", good), 415, "The Content-Type must be application/json."),
        (post("/json", "application/json; a", good), 400, malformed),
        (post("/json", "application/json; charset=utf/8", good), 400, malformed),
        (post("/json", "text/plain; a", good), 415, "The Content-Type must be application/json."),
        (post("/json", "; a", good), 415, "The Content-Type must be application/json."),
        (post("/json", "application/jsonp", good), 415, "The Content-Type must be application/json."),
        (
            post("/json", "application/json", ""), 400,
            "The body is not JSON: the text ends where a value is expected at byte 0."
        ),
        (
            post("/json", "application/json", "{\"name\""), 400,
            "The body is not JSON: the colon after a name is missing at byte 7."
        ),
        (
            post("/json", "application/json", #"{"name":"n","count":"2"}"#), 422,
            "count: expected a number, found a string at byte 20"
        ),
        (post("/json", "application/json", #"{"name":"n"}"#), 422, #""count" is missing"#),
        (post("/form", form, "count=2&name=n"), 200, written),
        (post("/form", form + "; charset=\"", "count=2&name=n"), 400, malformed),
        (post("/form", "multipart/form-data", "count=2"), 415, "The Content-Type must be \(form)."),
        (post("/form", form, "count=2&name=%"), 400, "A field is not percent-encoded UTF-8."),
        (post("/form", form, "count=x&name=n"), 422, "count: a number that fits is expected"),
        (post("/form", form, ""), 422, #""name" is missing"#),
    ]

    @Test("decodes bodies, or responds with the error", arguments: DriverKind.allCases)
    func bodies(driver: DriverKind) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            for (request, status, text) in Self.posts {
                try client.send(request)
                let response = try client.readResponse()
                #expect(response.status == status && response.text == text, "\(request): \(response.text)")
            }
        }
    }

    private static let gets: [(path: String, status: Int, text: String)] = [
        ("/query?name=n&count=2", 200, written),
        ("/query?name=a+b%26&count=-3", 200, #"{"name":"a b&","count":-3}"#),
        ("/query?count=2", 400, #""name" is missing"#),
        ("/query?name=n&count=", 400, "count: a number that fits is expected"),
        ("/query?name=n&count=1&count=1", 400, "count: there is more than one value"),
        ("/query?name=%FF&count=1", 400, "A field is not percent-encoded UTF-8."),
        ("/page", 200, "none"), ("/page?page=7", 200, "7"), ("/page?page=", 200, "none"),
        ("/page?page=%20", 400, "The query's page is not valid."),
        ("/page?page=7x", 400, "The query's page is not valid."),
        ("/items/12", 200, "12"), ("/items/%31", 200, "1"), ("/items/-1", 200, "-1"),
        ("/items/x", 400, "The path's id is not valid."), ("/items/1%20", 400, "The path's id is not valid."),
        ("/items/9223372036854775808", 400, "The path's id is not valid."), ("/other/1", 500, ""),
    ]

    @Test("decodes targets, or responds with the error", arguments: DriverKind.allCases)
    func targets(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            let client = RawClient(port: port)
            for (path, status, text) in Self.gets {
                let response = try client.get(path)
                #expect(response.status == status && response.text == text, "\(path): \(response.text)")
            }
        }
        #expect(
            events.all == [
                "error GET /other/1: a handler or middleware threw an error: the route's pattern has no {name}"
            ])
    }

    @Test("throws an error that is logged as the application's if the body is streamed", arguments: DriverKind.allCases)
    func streamed(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.post("/json", body: .stream) { request async throws in
            .text("\(try request.decode(json: [Int].self))")
        }
        router.post("/form", body: .stream) { request async throws in
            .text("\(try request.decode(form: [String: Int].self))")
        }
        router.post("/blocking", .blocking, body: .stream) { request in
            .text("\(try request.decode(json: [Int].self))")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            for path in ["/json", "/form", "/blocking"] {
                let client = RawClient(port: port)
                try client.send(
                    "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 3\r\n\r\n[1]")
                #expect(try client.readResponse().status == 500)
                let line = "error POST \(path): a handler or middleware threw an error: \(StreamError.bodyStreamed)"
                try events.wait(for: line)
            }
        }
        #expect(events.all.count == 3)
    }
}
