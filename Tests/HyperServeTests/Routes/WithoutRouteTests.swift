import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import Testing

/// Middlewares around the server's own responses: 404, 405 and OPTIONS.
@Suite("Middlewares without a route", .timeLimit(.minutes(20)))
struct WithoutRouteTests {
    /// Reads a path parameter in every possible way.
    private struct Tenant: Filter {
        func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
            context.principal = request.parameters["tenant"]
            if request.headers.contains("X-Typed") {
                context.principal = "\(try request.parameter("tenant", as: String.self))"
            }
            return nil
        }

        func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            response.headers["X-Tenant"] = context.principal ?? "none"
            response.headers["X-Pattern"] = context.routePattern ?? "none"
        }
    }

    private static func router() -> Router {
        var router = Router()
        let limit = RateLimit(
            100, per: .seconds(100), by: .custom { request, _ in request.parameters["tenant"] ?? "nobody" })
        router.use(limit)
        router.use(Tenant())
        router.group("/t/{tenant}") { group in
            group.use(Tenant())
            group.get("/items") { _ in .text("items") }
            group.put("/items/{id}", .blocking) { _ in .text("item") }
            group.post("/later") { _ async in .text("later") }
        }
        return router
    }

    @Test(
        "405 and OPTIONS have the parameters of the path, 404 has none",
        arguments: [
            ("GET", "/t/acme/items", 200, "acme", "/t/{tenant}/items"),
            ("DELETE", "/t/acme/items", 405, "acme", "none"),
            ("OPTIONS", "/t/a%20b/items", 204, "a b", "none"), ("DELETE", "/t/acme/items/7", 405, "acme", "none"),
            ("OPTIONS", "/t/acme/later", 204, "acme", "none"), ("PATCH", "/t/acme/later", 405, "acme", "none"),
            ("GET", "/t/acme", 404, "none", "none"), ("OPTIONS", "*", 204, "none", "none"),
            ("CONNECT", "example.com:80", 501, "none", "none"),
        ])
    func parameters(method: String, target: String, status: UInt16, tenant: String, pattern: String) async throws {
        let client = try TestClient(router: Self.router())
        let response = try await client.send(raw: "\(method) \(target) HTTP/1.1\r\nHost: a\r\n\r\n")[0]
        #expect(response.status.code == status)
        #expect(response.headers["X-Tenant"] == tenant)
        #expect(response.headers["X-Pattern"] == pattern)
        #expect(response.headers["RateLimit"] != nil)
    }

    @Test("a typed parameter is read as well, and is an error where there is none")
    func typed() async throws {
        let client = try TestClient(router: Self.router())
        for (target, status) in [("/t/acme/items", 405), ("/nowhere", 500)] {
            let raw = "DELETE \(target) HTTP/1.1\r\nHost: a\r\nX-Typed: 1\r\n\r\n"
            #expect(try await client.send(raw: raw)[0].status.code == status)
        }
    }

    @Test("a preflight request through a group that reads parameters gets its response")
    func preflight() async throws {
        var router = Router()
        router.group("/t/{tenant}") { group in
            group.use(Tenant())
            group.use(CORS(origins: .only(["https://example.com"])))
            group.get("/items") { _ in .text("items") }
        }
        let client = try TestClient(router: router)
        let response = try await client.send(
            .options, "/t/acme/items",
            headers: ["Origin": "https://example.com", "Access-Control-Request-Method": "GET"])
        #expect(response.status == .noContent)
        #expect(response.headers["Access-Control-Allow-Origin"] == "https://example.com")
        #expect(response.headers["X-Tenant"] == "acme")
    }

    @Test("a preflight request goes to the middlewares of the method that it asks about")
    func preflightOfMethod() async throws {
        var router = Router()
        router.group { group in
            group.use(BasicAuth(realm: "a", users: [:]))
            group.get("/x") { _ in .text("x") }
        }
        router.group { group in
            group.use(CORS(origins: .any))
            group.delete("/x") { _ in .text("x") }
        }
        let client = try TestClient(router: router)
        for (method, status) in [("DELETE", 204), ("GET", 401), ("PATCH", 401), ("delete", 401)] as [(String, UInt16)] {
            let response = try await client.send(
                .options, "/x", headers: ["Origin": "https://a.example", "Access-Control-Request-Method": method])
            #expect(response.status.code == status)
        }
    }

    // MARK: - Where they run

    /// Adds the thread that it runs on to the response.
    private struct ThreadRecorder: ResponseFilter {
        func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            response.headers["X-Thread"] = threadName()
        }
    }

    /// How a router's one route is handled.
    enum Kind: CaseIterable {
        case inline, async, blocking
    }

    private static func router(_ kind: Kind, isOutermost: Bool) -> Router {
        var router = Router()
        if isOutermost { router.use(ThreadRecorder()) }
        router.group { group in
            if !isOutermost { group.use(ThreadRecorder()) }
            switch kind {
            case .inline: group.get("/a") { _ in .text("a") }
            case .async: group.get("/a") { _ async in .text("a") }
            case .blocking: group.get("/a", .blocking) { _ in .text("a") }
            }
        }
        return router
    }

    @Test(
        "405, OPTIONS and 404 run them where the routes of the path do, with a body or without",
        arguments: DriverKind.allCases, Kind.allCases)
    func threads(driver: DriverKind, kind: Kind) async throws {
        let expected = kind == .blocking ? "hs-block" : "hs-reactor-0"
        for isOutermost in [true, false] {
            try await withServer(driver, Self.router(kind, isOutermost: isOutermost)) { port in
                let client = RawClient(port: port)
                for (method, path) in [("GET", "/a"), ("DELETE", "/a"), ("OPTIONS", "/a"), ("GET", "/b")] {
                    for body in ["\r\n", "Content-Length: 5\r\n\r\nhello"] {
                        try client.send("\(method) \(path) HTTP/1.1\r\nHost: a\r\n\(body)")
                        let thread = try client.readResponse().headers["x-thread"]
                        if path == "/b", !isOutermost {
                            #expect(thread == nil)
                        } else {
                            #expect(thread == expected, "\(method) \(path)")
                        }
                    }
                }
            }
        }
    }

    @Test("one that may block never runs on the reactor: others are served meanwhile", arguments: DriverKind.allCases)
    func others(driver: DriverKind) async throws {
        let events = Events()
        let isReleased = Flag()
        var router = Router()
        router.get("/quick") { _ in .text("quick") }
        router.group { group in
            group.use(
                BasicAuth(realm: "slow") { _, _ in
                    events.add("asked")
                    while !isReleased.isSet { usleep(1000) }
                    return false
                })
            group.get("/slow", .blocking) { _ in .text("slow") }
        }
        try await withServer(driver, router) { port in
            let slow = RawClient(port: port)
            try slow.send("DELETE /slow HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YTpi\r\n\r\n")
            try events.wait(for: "asked")
            #expect(try RawClient(port: port).get("/quick").text == "quick")
            isReleased.set()
            #expect(try slow.readResponse().status == 401)
        }
    }

    private final class Flag: Sendable {
        private let value = Atomic<Bool>(false)
        var isSet: Bool { value.load(ordering: .acquiring) }
        func set() { value.store(true, ordering: .releasing) }
    }

    // MARK: - With a body

    @Test(
        "a streamed 404 reaches a client that sends a body", arguments: DriverKind.allCases,
        ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"])
    func streamed(driver: DriverKind, body: String) async throws {
        struct Page: ResponseFilter {
            func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
                guard response.status == .notFound else { return }
                response = .stream(status: .notFound) { writer in
                    try await Task.sleep(for: .milliseconds(5))
                    try await writer.write("nothing here")
                }
            }
        }
        var router = Router()
        router.use(Page())
        router.get("/a") { _ in .text("a") }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("POST /nowhere HTTP/1.1\r\nHost: a\r\n\(body)GET /a HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 404 && response.text == "nothing here")
            #expect(try client.readResponse().text == "a")
        }
    }
}
