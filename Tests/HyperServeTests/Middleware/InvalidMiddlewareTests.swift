import HyperServe
import HyperServeTesting
import Testing

/// `Server.init` throws for a middleware that was created with invalid values, wherever it is used.
@Suite("Invalid middlewares")
struct InvalidMiddlewareTests {
    private static let rejected: [(any Middleware, name: String, reason: String)] = [
        (BodyLimit(-1), "BodyLimit", "maximumByteCount is -1; it is at least 0"),
        (Timeout(.zero), "Timeout", "duration is 0.0 seconds; it is longer than zero"),
        (Timeout(.seconds(Int64.min) * 4), "Timeout", "duration is -9000000000.0 seconds; it is longer than zero"),
        (RateLimit(0, per: .seconds(1)), "RateLimit", "requests is 0; it is at least 1"),
        (RateLimit(.min, per: .seconds(1)), "RateLimit", "requests is -9,223,372,036,854,775,808; it is at least 1"),
        (RateLimit(5, per: .zero), "RateLimit", "duration is 0.0 seconds; it is longer than zero"),
        (
            RateLimit(1_000_000_000, per: .seconds(1)), "RateLimit",
            "requests is 1,000,000,000 in 1.0 seconds; it is at most 10,000 a second"
        ),
        (
            RateLimit(.max, per: .seconds(Int64.max)), "RateLimit",
            "requests is 9,223,372,036,854,775,807 in 9000000000.0 seconds; it is at most 10,000 a second"
        ),
        (
            RateLimit(1, per: .seconds(Int64.max) * 4), "RateLimit",
            "duration is 9000000000.0 seconds; it is at most ten months"
        ),
        (
            RateLimit(1, per: .seconds(1), maximumKeys: 0), "RateLimit",
            "maximumKeys is 0; it is at least 1 and at most 16,777,216"
        ),
        (
            RateLimit(1, per: .seconds(1), maximumKeys: .max), "RateLimit",
            "maximumKeys is 9,223,372,036,854,775,807; it is at least 1 and at most 16,777,216"
        ),
        (BasicAuth(realm: "\u{E9}", users: [:]), "BasicAuth", "realm is \"\u{E9}\"; it is printable ASCII"),
        (BearerAuth(realm: "a\nb") { _ in nil }, "BearerAuth", "realm is \"a\\nb\"; it is printable ASCII"),
        (
            CORS(origins: .any, allowsCredentials: true), "CORS",
            "allowsCredentials is true and origins is any; credentials are for named origins only"
        ),
        (
            CORS(origins: .only(["https://a.example", "*"])), "CORS",
            "origins has \"*\"; an origin is a scheme, \"://\", a host and perhaps a port, or null"
        ),
        (
            CORS(origins: .only(["https://a.example/"])), "CORS",
            "origins has \"https://a.example/\"; an origin is a scheme, \"://\", a host and perhaps a port, or null"
        ),
        (
            CORS(origins: .any, headers: ["X-A\r\nX-Evil: 1"]), "CORS",
            "headers has \"X-A\\r\\nX-Evil: 1\", which is no field's name"
        ),
        (
            CORS(origins: .any, exposedHeaders: [""]), "CORS", "exposedHeaders has \"\", which is no field's name"
        ),
        (
            CORS(origins: .any, maximumAge: .seconds(-1)), "CORS",
            "maximumAge is -1.0 seconds; it is at least zero"
        ),
        (
            SecurityHeaders(frameOptions: "DENY\r\nX: y"), "SecurityHeaders",
            "X-Frame-Options is \"DENY\\r\\nX: y\", which is no value of a header field"
        ),
    ]

    private static func expectRejection(
        _ router: Router, _ error: RouteError, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: sourceLocation) { try Server(router: router) }
        #expect(throws: error, sourceLocation: sourceLocation) { try TestClient(router: router) }
    }

    @Test("are named with their value, for a router with and without routes, a group, a host and a route")
    func reports() throws {
        for (middleware, name, reason) in Self.rejected {
            let error = RouteError.invalidMiddleware(name: name, reason: reason)
            #expect("\(error)" == "The middleware \(name) is invalid: \(reason).")
            var bare = Router()
            bare.use(middleware)
            Self.expectRejection(bare, error)
            bare.get("/") { _ in .text("") }
            Self.expectRejection(bare, error)
            var group = Router()
            group.group("/group") { $0.use(middleware) }
            Self.expectRejection(group, error)
            var host = Router()
            host.host("example.com") { $0.use(middleware) }
            Self.expectRejection(host, error)
            var route = Router()
            route.get("/", with: [middleware]) { _ in .text("") }
            Self.expectRejection(route, error)
        }
    }

    #if Compression
        @Test("are named if they depend on a trait, too", arguments: [0, 10, .min, .max])
        func compression(level: Int) {
            var router = Router()
            router.use(Compression(level: level))
            let shown = [0: "0", 10: "10", Int.max: "9,223,372,036,854,775,807"][level] ?? "-9,223,372,036,854,775,808"
            Self.expectRejection(
                router,
                .invalidMiddleware(name: "Compression", reason: "level is \(shown); it is at least 1 and at most 9"))
        }
    #endif

    @Test("leave the routes of a running server unchanged")
    func replacement() async throws {
        var router = Router()
        router.get("/") { _ in .text("old") }
        let server = try Server(router: router)
        let client = try TestClient(server: server)
        router.use(BodyLimit(-1))
        #expect(throws: RouteError.self) { try server.replaceRoutes(with: router) }
        #expect(try await client.get("/").text == "old")
    }

    /// Changes the options with a closure.
    private struct Deciding: RouteConfiguration {
        let change: @Sendable (inout RouteOptions) -> Void

        func configure(_ options: inout RouteOptions) { change(&options) }
    }

    @Test("may be an application's own, with any reason")
    func ownMiddleware() {
        struct Picky: RouteConfiguration {
            func configure(_ options: inout RouteOptions) {
                options.reject(self, because: "it is Monday")
                options.reject(BodyLimit(1), because: "the first one counts")
            }
        }
        var router = Router()
        router.use(Picky())
        Self.expectRejection(router, .invalidMiddleware(name: "Picky", reason: "it is Monday"))
    }

    @Test("may be one whose function would be called twice, before the handler and in a task")
    func ambiguousMiddleware() {
        struct Both: RequestFilter, AsyncRequestFilter {
            func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? { nil }
        }
        var router = Router()
        router.get("/", with: [Both()]) { _ in .text("") }
        Self.expectRejection(
            router,
            .invalidMiddleware(
                name: "Both",
                reason: "it is both a RequestFilter and an AsyncRequestFilter, so it is not clear which before to call"
            ))
    }

    @Test("The options that a route or a middleware sets must be in range, too")
    func options() {
        let body = "maximumBodyByteCount is -1; it is at least 0"
        for mode in [BodyMode.collect(upTo: -1), .stream(upTo: -1)] {
            var router = Router()
            router.group("/group") { group in
                group.post("/{id}", body: mode) { _ async in .text("") }
            }
            let error = RouteError.invalidRoute(pattern: "/group/{id}", reason: body)
            Self.expectRejection(router, error)
            #expect("\(error)" == "The route \"/group/{id}\" is invalid: \(body).")
        }
        let changes: [(@Sendable (inout RouteOptions) -> Void, String)] = [
            ({ $0.maximumBodyByteCount = -1 }, body),
            ({ $0.handlerTimeout = .zero }, "handlerTimeout is 0.0 seconds; it is longer than zero"),
        ]
        for (change, reason) in changes {
            var router = Router()
            router.get("/", with: [Deciding(change: change)]) { _ in .text("") }
            Self.expectRejection(router, .invalidRoute(pattern: "/", reason: reason))
        }
    }

    @Test("Extreme values that are in range work")
    func extremes() async throws {
        let longest = Duration.seconds(Int64.max) * 10
        var router = Router()
        let middlewares: [any Middleware] = [
            BodyLimit(0), BodyLimit(.max), Timeout(longest), Timeout(.nanoseconds(1)), Timeout(longest),
            RateLimit(10_000, per: .seconds(1), maximumKeys: 1), RateLimit(1_000_000, per: .seconds(25_000_000)),
            CORS(origins: .any, exposedHeaders: ["X-A"], maximumAge: longest),
            CORS(origins: .only(["null", "https://a.example:8443", "app+x://[::1]"]), allowsCredentials: true),
            BasicAuth(realm: "") { _, _ in true },
        ]
        for middleware in middlewares { router.use(middleware) }
        router.post("/") { request in .text("\(request.body.count)") }
        let client = try TestClient(router: router)
        let response = try await client.post("/", headers: ["Authorization": "Basic YTpi"], body: "body")
        #expect(response.status == .ok && response.text == "4")
    }
}
