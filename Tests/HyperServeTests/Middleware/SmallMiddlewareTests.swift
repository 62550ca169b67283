import HyperServe
import HyperServeTesting
import Synchronization
import Testing

@Suite("Small middlewares", .timeLimit(.minutes(20)))
struct SmallMiddlewareTests {
    private static func client(
        _ middlewares: [any Middleware], _ configuration: ServerConfiguration = .init()
    ) throws -> TestClient {
        var router = Router()
        for middleware in middlewares { router.use(middleware) }
        router.get("/") { _, context in .text(context.requestID ?? "") }
        router.post("/") { request in .text("\(request.body.count)") }
        router.post("/stream", body: .stream) { request async throws in
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count)")
        }
        router.get("/forever") { _ async throws in
            try await Task.sleep(for: .seconds(3600))
            return .text("")
        }
        router.get("/throws") { _ in throw Mistake() }
        router.get("/own") { _ in Response(headers: ["x-frame-options": "SAMEORIGIN"]) }
        return try TestClient(router: router, configuration: configuration)
    }

    private struct Mistake: Error {}

    @Test("each request gets its own ID")
    func requestIDs() async throws {
        let client = try SmallMiddlewareTests.client([RequestIDs()])
        var names: Set<String> = []
        for _ in 0..<100 {
            let response = try await client.get("/", headers: ["X-Request-Id": "foreign"])
            let name = try #require(response.headers["X-Request-Id"])
            #expect(name == response.text && name.utf8.count == 13)
            names.insert(name)
        }
        #expect(names.count == 100)
        #expect(try await client.get("/nowhere").headers["X-Request-Id"] != nil)
    }

    @Test(
        "a foreign ID is kept if that is enabled and the ID is harmless",
        arguments: [
            ("abc-DEF_1.2", true), (String(repeating: "a", count: 128), true),
            (String(repeating: "a", count: 129), false),
            ("", false), ("a b", false), ("a\"b", false), ("a,b", false), ("\u{E9}", false), ("<script>", false),
        ])
    func foreignNames(name: String, isKept: Bool) async throws {
        let client = try SmallMiddlewareTests.client([RequestIDs(acceptsForeign: true)])
        let response = try await client.get("/", headers: ["X-Request-Id": name])
        #expect((response.headers["X-Request-Id"] == name) == isKept)
        #expect(response.text == response.headers["X-Request-Id"])
    }

    @Test("responses get fields for browsers, in addition to the handler's own")
    func securityHeaders() async throws {
        let client = try SmallMiddlewareTests.client([SecurityHeaders(strictTransportSecurity: "max-age=1")])
        for path in ["/", "/nowhere", "/throws"] {
            let headers = try await client.get(path).headers
            #expect(headers["X-Content-Type-Options"] == "nosniff" && headers["X-Frame-Options"] == "DENY")
            #expect(headers["Referrer-Policy"] == "no-referrer")
            #expect(headers["Strict-Transport-Security"] == "max-age=1")
            #expect(headers["Content-Security-Policy"] == nil)
        }
        let own = try await client.get("/own").headers
        #expect(own.filter { $0.name.lowercased() == "x-frame-options" }.map(\.value) == ["SAMEORIGIN"])
        #expect(own["X-Content-Type-Options"] == "nosniff")
    }

    @Test("errors become the application's responses, the innermost first")
    func errorMapping() async throws {
        let outer = ErrorMapping { $0 is Mistake ? .text("outer", status: .badGateway) : nil }
        let inner = ErrorMapping { $0 is Mistake ? .text("inner", status: .conflict) : nil }
        let silent = ErrorMapping { _ in nil }
        #expect(try await SmallMiddlewareTests.client([outer]).get("/throws").text == "outer")
        #expect(try await SmallMiddlewareTests.client([outer, inner]).get("/throws").text == "inner")
        // Whatever is in between.
        let between = try SmallMiddlewareTests.client([outer, SecurityHeaders(), silent, RequestIDs()])
        let response = try await between.get("/throws")
        #expect(response.text == "outer" && response.headers["X-Frame-Options"] == "DENY")
        #expect(try await SmallMiddlewareTests.client([silent]).get("/throws").status == .internalServerError)
    }

    @Test("a body may be as long as the limit, and no longer", arguments: ["/", "/stream"])
    func bodyLimit(path: String) async throws {
        let client = try SmallMiddlewareTests.client([BodyLimit(8)])
        #expect(try await client.post(path, body: "12345678").text == "8")
        #expect(try await client.post(path, body: "123456789").status == .contentTooLarge)
        let upload = try await client.beginUpload(.post, path)
        try await upload.write("12345678")
        try await upload.write("9")
        #expect(try await upload.status() == .contentTooLarge)
    }

    @Test("a timeout ends a handler")
    func timeout() async throws {
        var configuration = ServerConfiguration()
        configuration.handlerTimeout = .seconds(1000)
        let client = try SmallMiddlewareTests.client([Timeout(.seconds(2))], configuration)
        let exchange = try await client.begin(.get, "/forever")
        // After the response to another request, the first one has arrived.
        _ = try await client.get("/")
        await client.advance(by: .seconds(3))
        #expect(try await exchange.response().status == .serviceUnavailable)
    }

    @Test("each request is measured, by route and not by path")
    func metrics() async throws {
        let seen = Mutex<[String]>([])
        let metrics = RequestMetrics { measurement in
            #expect(measurement.duration >= .zero)
            let line = "\(measurement.method) \(measurement.routePattern ?? "none") \(measurement.status.code)"
            seen.withLock { $0.append(line) }
        }
        var router = Router()
        router.use(metrics)
        router.get("/hello/{name}") { _ in .text("") }
        router.get("/async") { _ async throws in throw Mistake() }
        let client = try TestClient(router: router)
        for path in ["/hello/Ada", "/async", "/nowhere"] { _ = try await client.get(path) }
        #expect(seen.withLock { $0 } == ["GET /hello/{name} 200", "GET /async 500", "GET none 404"])
    }
}
