import HyperServe
import HyperServeTesting
import Testing

@Suite("A slash at the end of a path", .timeLimit(.minutes(20)))
struct TrailingSlashTests {
    private static func client(_ policy: TrailingSlash) throws -> TestClient {
        var router = Router()
        router.trailingSlash = policy
        router.get("/") { _ in .text("root") }
        router.get("/plain") { _ in .text("plain") }
        router.post("/plain") { request in .text(request.body.text) }
        router.get("/slash/") { _ in .text("slash") }
        router.get("/name/{name}") { request in .text(request.parameters["name"]!) }
        router.get("/files/{path...}") { request in .text("[\(request.parameters["path"]!)]") }
        router.get("//{any}") { _ in .text("empty") }
        return try TestClient(router: router)
    }

    @Test("is significant by default")
    func exact() async throws {
        let client = try TrailingSlashTests.client(.exact)
        #expect(try await client.get("/plain").status == .ok)
        #expect(try await client.get("/plain/").status == .notFound)
        #expect(try await client.get("/slash").status == .notFound)
        #expect(try await client.get("/files").status == .notFound)
    }

    @Test(
        "is redirected to the path of the route",
        arguments: [
            ("/plain/", "/plain"), ("/slash", "/slash/"), ("/plain/?a=1&b=/", "/plain?a=1&b=/"),
            ("/name/Ada%20L/", "/name/Ada%20L"), ("/files", "/files/"),
        ])
    func redirect(path: String, location: String) async throws {
        let client = try TrailingSlashTests.client(.redirect)
        let response = try await client.get(path)
        #expect(response.status == .permanentRedirect)
        #expect(response.headers["Location"] == location)
        #expect(try await client.get(location).status == .ok)
    }

    @Test(
        "is not redirected to another host, or to a path without a route",
        arguments: ["//evil.example/", "//evil.example/x", "/plain//", "/nowhere/", "/nowhere", "/"])
    func noRedirect(path: String) async throws {
        let response = try await TrailingSlashTests.client(.redirect).get(path)
        #expect(response.headers["Location"] == nil)
        #expect(response.status == (path == "/" ? .ok : .notFound))
    }

    @Test("is ignored if the router says so")
    func ignore() async throws {
        let client = try TrailingSlashTests.client(.ignore)
        #expect(try await client.get("/plain/").text == "plain")
        #expect(try await client.post("/plain/", body: "body").text == "body")
        #expect(try await client.get("/slash").text == "slash")
        #expect(try await client.get("/name/Ada/").text == "Ada")
        #expect(try await client.get("/files").text == "[]")
        #expect(try await client.get("/files/a/").text == "[a/]")
        #expect(try await client.get("/plain//").status == .notFound)
        #expect(try await client.send(.put, "/plain/").status == .methodNotAllowed)
    }
}
