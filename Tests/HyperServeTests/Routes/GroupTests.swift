import HyperServe
import HyperServeTesting
import Testing

@Suite("Groups of routes", .timeLimit(.minutes(20)))
struct GroupTests {
    @Test("have prefixes, may be nested, and may be mounted")
    func prefixes() async throws {
        var items = Router()
        items.get("") { _ in .text("all") }
        items.get("/") { _ in .text("slash") }
        items.get("/{id}") { request in .text("\(request.parameters["tenant"]!) \(request.parameters["id"]!)") }
        var router = Router()
        router.group("/{tenant}") { tenant in
            tenant.group("/v1") { $0.mount("/items/", items) }
            tenant.group { $0.get("/plain") { _ in .text("plain") } }
        }
        var root = Router()
        root.get("/") { _ in .text("root") }
        router.mount("/", root)
        let client = try TestClient(router: router)
        #expect(try await client.get("/acme/v1/items").text == "all")
        #expect(try await client.get("/acme/v1/items/").text == "slash")
        #expect(try await client.get("/acme/v1/items/7").text == "acme 7")
        #expect(try await client.get("/acme/plain").text == "plain")
        #expect(try await client.get("/").text == "root")
        #expect(try await client.get("/acme/v1").status == .notFound)
    }

    @Test("are checked like other routes")
    func mistakes() {
        var withoutSlash = Router()
        withoutSlash.group("api") { $0.get("/") { _ in .text("") } }
        #expect(throws: RouteError.malformed(pattern: "api/", reason: "a pattern begins with a slash")) {
            try Server(router: withoutSlash)
        }
        var conflict = Router()
        conflict.get("/a/{x}") { _ in .text("") }
        conflict.group("/a") { $0.get("/{y}") { _ in .text("") } }
        #expect(throws: RouteError.conflict(method: .get, pattern: "/a/{y}", existing: "/a/{x}")) {
            try Server(router: conflict)
        }
    }

    @Test("are listed as they were added, with prefix and host")
    func listing() throws {
        var router = Router()
        router.get("/") { _ in .text("") }
        router.group("/api") { api in
            api.post("/items", .blocking) { _ in .text("") }
            api.host("Admin.Example.com") { $0.delete("/items/{id}") { _ async in .text("") } }
        }
        router.host("*.example.com") { $0.get("/") { _ in .text("") } }
        let listed = try Server(router: router).routes.map { "\($0.method) \($0.host ?? "any") \($0.pattern)" }
        #expect(
            listed == [
                "GET any /", "POST any /api/items", "DELETE admin.example.com /api/items/{id}", "GET *.example.com /",
            ])
    }
}
