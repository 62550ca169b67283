import HTTPCore
import Routing
import Testing

@Suite("Matching a path against routes")
struct MatchTests {
    /// Routes that overlap in every way that the rules decide.
    static func overlapping() throws -> RouteTree {
        try tree(
            "GET /", "GET /a", "GET /a/", "POST /a", "GET /a/{x}", "GET /a/{x}/c", "GET /a/b/d", "GET /a/b/{y}/e",
            "PUT /a/b", "GET /users/me", "GET /users/{id}", "DELETE /users/{id}", "GET /files/{path...}",
            "GET /files/readme", "GET /files/{name}/raw", "POST /upload/{rest...}", "HEAD /own", "GET /own",
            "GET /a-long-segment-with-many-bytes/{x}", "GET /a-long-segment-with-many-bytez", "GET /12345678",
            "GET /1234567812345678", "GET /double//slash", "OPTIONS /explicit", "GET /explicit"
        )
    }

    @Test(
        "The most specific pattern that has the method takes precedence",
        arguments: [
            ("GET /", "/"), ("GET ", "/"), ("GET /a", "/a"), ("POST /a", "/a"),
            ("GET /a/z", "/a/{x}"), ("GET /a/b", "/a/{x}"), ("PUT /a/b", "/a/b"),
            ("GET /a/b/c", "/a/{x}/c"), ("GET /a/b/d", "/a/b/d"), ("GET /a/b/c/e", "/a/b/{y}/e"),
            ("GET /users/me", "/users/me"), ("GET /users/you", "/users/{id}"), ("DELETE /users/me", "/users/{id}"),
            ("GET /files/readme", "/files/readme"), ("GET /files/readme/raw", "/files/{name}/raw"),
            ("GET /files/other", "/files/{path...}"), ("GET /files/a/b/c", "/files/{path...}"),
            ("GET /files/readme/cooked", "/files/{path...}"), ("POST /upload/a/b", "/upload/{rest...}"),
            ("GET /a-long-segment-with-many-bytes/1", "/a-long-segment-with-many-bytes/{x}"),
            ("GET /a-long-segment-with-many-bytez", "/a-long-segment-with-many-bytez"),
            ("GET /12345678", "/12345678"), ("GET /1234567812345678", "/1234567812345678"),
        ])
    func mostSpecificWins(line: String, pattern: String) throws {
        #expect(try Self.overlapping().outcome(line) == pattern)
    }

    @Test(
        "A path that no pattern matches is not found",
        arguments: [
            "GET /b", "GET /a/b/c/d", "GET /A", "GET a", "GET *", "GET /users", "GET /users/", "GET /users/me/",
            "GET /a-long-segment-with-many-bytea", "GET /a-long-segment-with-many-byte", "GET /1234567",
            "GET /123456789", "GET /12345678/", "GET //", "GET //a", "GET /double/slash", "GET /double///slash",
        ])
    func notFound(line: String) throws {
        #expect(try Self.overlapping().outcome(line) == "404")
    }

    @Test(
        "A trailing slash is significant",
        arguments: [
            ("GET /a/", "/a/"), ("GET /a", "/a"), ("GET /12345678/", "404"), ("GET /a/b/d/", "404"),
            ("POST /a/", "405 GET, HEAD, OPTIONS"), ("GET /double//slash", "/double//slash"),
        ])
    func trailingSlash(line: String, outcome: String) throws {
        #expect(try Self.overlapping().outcome(line) == outcome)
    }

    @Test(
        "A rest can be empty after its slash, but the slash is required",
        arguments: [("GET /files/", "/files/{path...}"), ("GET /files", "404"), ("GET /files//", "/files/{path...}")])
    func emptyRest(line: String, outcome: String) throws {
        #expect(try Self.overlapping().outcome(line) == outcome)
    }

    @Test(
        "HEAD takes the GET route unless the pattern has its own",
        arguments: [
            ("HEAD /", "/"), ("HEAD /users/me", "/users/me"), ("HEAD /files/a/b", "/files/{path...}"),
            ("HEAD /upload/a", "405 POST, OPTIONS"), ("HEAD /own", "/own"),
        ])
    func head(line: String, outcome: String) throws {
        #expect(try Self.overlapping().outcome(line) == outcome)
    }

    @Test("HEAD prefers its own route on the same pattern, and the more specific pattern over its own method")
    func headPreference() throws {
        let routes = try tree("GET /x", "HEAD /x", "HEAD /{any}", "GET /y")
        #expect(routes.match(.head, "/x") == .found(route: 1))
        #expect(routes.match(.get, "/x") == .found(route: 0))
        #expect(routes.match(.head, "/y") == .found(route: 3))
        #expect(routes.match(.head, "/z") == .found(route: 2))
        #expect(try routes.outcome("GET /z") == "405 HEAD, OPTIONS")
    }

    @Test(
        "A path without the method returns the methods of all patterns that match it",
        arguments: [
            ("DELETE /a", "405 GET, HEAD, POST, OPTIONS"), ("DELETE /a/b", "405 GET, HEAD, PUT, OPTIONS"),
            ("OPTIONS /users/me", "405 GET, HEAD, DELETE, OPTIONS"), ("POST /files/a", "405 GET, HEAD, OPTIONS"),
            ("GET /upload/", "405 POST, OPTIONS"), ("OPTIONS /explicit", "/explicit"),
        ])
    func methodNotAllowed(line: String, outcome: String) throws {
        #expect(try Self.overlapping().outcome(line) == outcome)
    }

    @Test("A tree without routes finds nothing")
    func noRoutes() throws {
        let routes = RouteTreeBuilder().build()
        for path in ["", "/", "/a", "//", "a"] { #expect(routes.match(.get, path) == .notFound) }
    }
}
