import HyperServe
import HyperServeTesting
import Testing

/// Methods besides those of RFC 9110 and RFC 5789.
@Suite("A method that is not standard", .timeLimit(.minutes(20)))
struct OtherMethodTests {
    private static func router() -> Router {
        var router = Router()
        router.get("/cache") { request in .text("\(request.method) cache") }
        router.on("PURGE", "/cache") { request in .text("\(request.method) cache") }
        router.on("PURGE", "/cache/{key}") { request in .text("\(request.method) \(request.parameters["key"] ?? "")") }
        router.get("/cache/all") { _ in .text("GET all") }
        router.on("PROPFIND", "/blocking/{path...}", .blocking) { request in .text("\(request.method) blocking") }
        router.on("purge", "/lower") { request async in .text("\(request.method) lower") }
        router.put("/body") { request in .text("PUT \(request.body.count)") }
        router.on("LOCK", "/body") { request in .text("LOCK \(request.body.count)") }
        router.host("a.example") { $0.on("BIND", "/cache") { _ in .text("BIND") } }
        return router
    }

    @Test(
        "is routed like the others",
        arguments: [
            ("PURGE", "/cache", "PURGE cache"), ("GET", "/cache", "GET cache"), ("PURGE", "/cache/a%20b", "PURGE a b"),
            // The literal has no route for the method, so the parameter takes it.
            ("PURGE", "/cache/all", "PURGE all"), ("GET", "/cache/all", "GET all"),
            ("PROPFIND", "/blocking/a/b", "PROPFIND blocking"), ("purge", "/lower", "purge lower"),
            ("LOCK", "/body", "LOCK 4"), ("PUT", "/body", "PUT 4"),
        ])
    func routed(token: String, path: String, text: String) async throws {
        let method = try #require(Method(token))
        let body = path == "/body" ? Array("body".utf8) : []
        let response = try await TestClient(router: Self.router()).send(method, path, body: body)
        #expect(response.status == .ok && response.text == text)
    }

    @Test("is routed on both drivers, on a connection that persists", arguments: DriverKind.allCases)
    func persistent(driver: DriverKind) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            let lock = "LOCK /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            let unknown = "BREW /body HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"
            // An empty line before a request is skipped (RFC 9112 section 2.2).
            try client.send("\r\n" + lock + unknown + "\r\n" + lock + "GET /cache HTTP/1.1\r\nHost: a\r\n\r\n")
            let responses = try (0..<4).map { _ in try client.readResponse() }
            #expect(responses.map(\.status) == [200, 501, 200, 200])
            #expect(responses.map(\.text) == ["LOCK 4", "Not Implemented\n", "LOCK 4", "GET cache"])
        }
    }

    @Test(
        "is listed in Allow where the path has it, and gets 405 where only other paths have it",
        arguments: [
            ("POST", "/cache", "GET, HEAD, OPTIONS, PURGE"), ("LOCK", "/cache", "GET, HEAD, OPTIONS, PURGE"),
            ("POST", "/cache/x", "OPTIONS, PURGE"), ("PROPFIND", "/lower", "OPTIONS, purge"),
            ("PURGE", "/body", "PUT, OPTIONS, LOCK"), ("DELETE", "/cache/all", "GET, HEAD, OPTIONS, PURGE"),
        ])
    func allow(token: String, path: String, allowed: String) async throws {
        let client = try TestClient(router: Self.router())
        let response = try await client.send(try #require(Method(token)), path)
        #expect(response.status == .methodNotAllowed && response.headers["Allow"] == allowed)
        let options = try await client.send(.options, path)
        #expect(options.status == .noContent && options.headers["Allow"] == allowed)
    }

    @Test("is listed with those of the host and of every host")
    func hosts() async throws {
        let client = try TestClient(router: Self.router())
        let response = try await client.send("LOCK", "/cache", headers: ["Host": "a.example"])
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers["Allow"] == "GET, HEAD, OPTIONS, PURGE, BIND")
        #expect(try await client.send("BIND", "/cache", headers: ["Host": "a.example"]).text == "BIND")
        #expect(try await client.send("BIND", "/cache").status == .methodNotAllowed)
        #expect(try await client.send("PURGE", "/cache", headers: ["Host": "a.example"]).text == "PURGE cache")
    }

    @Test("is routed where letters match in either case, in groups and hosts too, and listed in Allow")
    func letterCase() async throws {
        var router = Self.router()
        router.letterCase = .ignore
        router.group("/Api") { $0.on("LOCK", "/Items/{id}") { request in .text(request.parameters["id"] ?? "") } }
        let client = try TestClient(router: router)
        #expect(try await client.send("PURGE", "/CACHE").text == "PURGE cache")
        #expect(try await client.send("PURGE", "/Cache/Key").text == "PURGE Key")
        #expect(try await client.send("LOCK", "/API/items/A%42").text == "AB")
        #expect(try await client.send("BIND", "/cAche", headers: ["Host": "a.example"]).text == "BIND")
        // The method of a route stays in its case.
        #expect(try await client.send("Purge", "/cache").status == .notImplemented)
        let response = try await client.send("LOCK", "/CACHE")
        #expect(response.status == .methodNotAllowed && response.headers["Allow"] == "GET, HEAD, OPTIONS, PURGE")
    }

    @Test(
        "gets 404 where no path matches, and 501 if no route has it", arguments: ["/cache", "/nowhere", "/body", "/"])
    func unknown(path: String) async throws {
        let client = try TestClient(router: Self.router())
        #expect(try await client.send("PURGE", "/nowhere").status == .notFound)
        for method in ["BREW", "PURG", "PURGES", "Purge", "get"] as [Method] {
            let response = try await client.send(method, path)
            #expect(response.status == .notImplemented && response.headers["Allow"] == nil)
        }
        #expect(try await TestClient(router: Router()).send("PURGE", path).status == .notImplemented)
    }

    @Test("is seen by the middlewares, also if no route has it")
    func middleware() async throws {
        struct Stamp: ResponseFilter {
            func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
                response.headers["X-Method"] = "\(request.method)"
            }
        }
        var router = Self.router()
        router.use(Stamp())
        let client = try TestClient(router: router)
        for method in ["PURGE", "BREW", "LOCK", "GET"] as [Method] {
            #expect(try await client.send(method, "/cache").headers["X-Method"] == method.name)
        }
    }

    @Test("answers a preflight request with the middlewares of its own route")
    func preflight() async throws {
        var router = Router()
        router.get("/") { _ in .text("") }
        router.on("PURGE", "/", with: [CORS(origins: .any, methods: ["PURGE"])]) { _ in .text("") }
        let headers: HeaderFields = ["Origin": "https://b.example", "Access-Control-Request-Method": "PURGE"]
        let response = try await TestClient(router: router).send(.options, "/", headers: headers)
        #expect(response.headers["Access-Control-Allow-Methods"] == "PURGE")
        let other: HeaderFields = ["Origin": "https://b.example", "Access-Control-Request-Method": "GET"]
        let refused = try await TestClient(router: router).send(.options, "/", headers: other)
        #expect(refused.headers["Access-Control-Allow-Methods"] == nil)
    }

    @Test("may be one of 22 in a router with its groups and hosts; more are an error")
    func limit() throws {
        var router = Router()
        for number in 0..<22 {
            router.group("/\(number)") { group in group.on(Method("M\(number)")!, "/") { _ in .text("") } }
        }
        router.on("M7", "/again") { _ in .text("") }
        _ = try Server(router: router)
        router.host("a.example") { $0.on("ONE-MORE", "/") { _ in .text("") } }
        #expect(throws: RouteError.tooManyMethods(method: "ONE-MORE", maximum: 22)) { try Server(router: router) }
    }

    @Test("can be added and removed while the server runs")
    func replacement() async throws {
        let server = try Server(router: Router())
        let client = try TestClient(server: server)
        #expect(try await client.send("PURGE", "/cache").status == .notImplemented)
        try server.replaceRoutes(with: Self.router())
        #expect(try await client.send("PURGE", "/cache").text == "PURGE cache")
        #expect(server.routes.contains { $0.method == "PURGE" && $0.pattern == "/cache" })
        try server.replaceRoutes(with: Router())
        #expect(try await client.send("PURGE", "/cache").status == .notImplemented)
    }
}
