import HyperServe
import HyperServeTesting
import Testing

/// The policies of a router for letters and for slashes.
@Suite("A router's policy", .timeLimit(.minutes(20)))
struct PolicyTests {
    private static func router(_ policy: LetterCase) -> Router {
        var router = Router()
        router.letterCase = policy
        router.get("/Items/{id}") { request in .text("item \(request.parameters["id"]!)") }
        router.group("/Api/{tenant}") { api in
            api.get("/Users") { request in .text("users of \(request.parameters["tenant"]!)") }
            api.post("/Users") { request in .text(request.body.text) }
        }
        router.host("admin.example.com") { $0.get("/Admin") { _ in .text("admin") } }
        return router
    }

    @Test("for letters takes them in the same case only, by default")
    func exact() async throws {
        #expect(Router().letterCase == .exact)
        let client = try TestClient(router: Self.router(.exact))
        #expect(try await client.get("/Items/Ab").text == "item Ab")
        #expect(try await client.get("/items/Ab").status == .notFound)
        #expect(try await client.get("/Api/Acme/users").status == .notFound)
    }

    @Test("for letters may take them in either case, in groups and hosts too, and parameters keep theirs")
    func ignore() async throws {
        let client = try TestClient(router: Self.router(.ignore))
        #expect(try await client.get("/ITEMS/Ab%43d").text == "item AbCd")
        #expect(try await client.get("/api/Acme/USERS").text == "users of Acme")
        #expect(try await client.post("/API/Acme/users", body: "Body").text == "Body")
        #expect(try await client.get("/admin", headers: ["Host": "admin.example.com"]).text == "admin")
        #expect(try await client.get("/items/%41", headers: ["Host": "admin.example.com"]).text == "item A")
        let refused = try await client.send(.put, "/api/x/users")
        #expect(refused.status == .methodNotAllowed)
        #expect(refused.headers["Allow"] == "GET, HEAD, POST, OPTIONS")
        let preflight = try await client.send(.options, "/API/x/users")
        #expect(preflight.status == .noContent)
        #expect(preflight.headers["Allow"] == "GET, HEAD, POST, OPTIONS")
    }

    @Test("for letters and that for slashes work together")
    func both() async throws {
        var router = Self.router(.ignore)
        router.trailingSlash = .redirect
        let redirect = try await TestClient(router: router).get("/ITEMS/Ab/")
        #expect(redirect.status == .permanentRedirect)
        #expect(redirect.headers["Location"] == "/ITEMS/Ab")
        router.trailingSlash = .ignore
        #expect(try await TestClient(router: router).get("/API/Acme/users/").text == "users of Acme")
    }

    @Test("makes a conflict of patterns that differ in case only, also across groups")
    func conflict() {
        var router = Self.router(.ignore)
        router.group("/aPI") { $0.get("/{name}/users") { _ in .text("") } }
        #expect(
            throws: RouteError.conflict(
                method: .get, pattern: "/aPI/{name}/users", existing: "/Api/{tenant}/Users")
        ) { try Server(router: router) }
        router.letterCase = .exact
        #expect(throws: Never.self) { try Server(router: router) }
    }

    @Test(
        "is that of the server's router: another one of a group, a mounted router or a host is refused",
        arguments: 0..<3)
    func inherited(which: Int) throws {
        let inner = { (router: inout Router) in
            if which == 0 {
                router.letterCase = .ignore
            } else {
                router.trailingSlash = which == 1 ? .ignore : .redirect
            }
            router.get("/x") { _ in .text("") }
        }
        let setting = which == 0 ? "letterCase" : "trailingSlash"
        let reason = "\(setting) is set for all routes, by the server's router"
        for (place, add) in [
            ("/group", { (router: inout Router) in router.group("/group", inner) }),
            (
                "/outer/mounted",
                { (router: inout Router) in
                    var mounted = Router()
                    inner(&mounted)
                    router.group("/outer") { $0.mount("/mounted", mounted) }
                }
            ),
            ("a.example", { (router: inout Router) in router.host("a.example", inner) }),
        ] {
            var router = Router()
            add(&router)
            #expect(throws: RouteError.invalidRoute(pattern: place, reason: reason)) { try Server(router: router) }
            // The same policy is fine.
            if which == 0 {
                router.letterCase = .ignore
            } else {
                router.trailingSlash = which == 1 ? .ignore : .redirect
            }
            #expect(throws: Never.self) { try Server(router: router) }
        }
    }
}

@Suite("Patterns in the spelling of another router")
struct ForeignPatternTests {
    @Test("are refused when the server is built, wherever they are, with the right spelling")
    func refused() throws {
        var inGroup = Router()
        inGroup.group("/users/:id") { $0.get("/notes/**") { _ in .text("") } }
        let error = #expect(throws: RouteError.self) { try Server(router: inGroup) }
        #expect(error?.description.contains("write \"/users/{id}/notes/{name}\" for one segment") == true)
        #expect(error?.description.contains("\"/users/{id}/notes/{name...}\" for the rest of the path") == true)
        var inHost = Router()
        inHost.host("a.example") { $0.get("/a/*") { _ in .text("") } }
        #expect(throws: RouteError.self) { try Server(router: inHost) }
        let server = try Server(router: Router())
        #expect(throws: RouteError.self) { try server.replaceRoutes(with: inHost) }
    }

    @Test("are refused in a group whose routes have no slash of their own")
    func withoutSlash() {
        let refused = { (pattern: String, prefix: String) in
            RouteError.malformed(
                pattern: pattern, reason: "a pattern begins with a slash, in the group \"\(prefix)\" too")
        }
        var route = Router()
        route.group("/api") { $0.get("items") { _ in .text("") } }
        #expect(throws: refused("items", "/api")) { try Server(router: route) }
        var group = Router()
        group.group("/api") { $0.group("v1") { $0.get("/items") { _ in .text("") } } }
        #expect(throws: refused("v1", "/api")) { try Server(router: group) }
    }

    @Test("have their text percent-encoded where it is meant")
    func literal() async throws {
        var router = Router()
        router.get("/%3Aid") { _ in .text("colon") }
        router.get("/v1/things:batch") { _ in .text("batch") }
        router.get("/{id}") { _ in .text("other") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/:id").text == "colon")
        #expect(try await client.get("/%3aid").text == "colon")
        #expect(try await client.get("/v1/things:batch").text == "batch")
        #expect(try await client.get("/x").text == "other")
    }
}
