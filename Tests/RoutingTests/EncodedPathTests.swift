import HTTPCore
import Routing
import Testing

@Suite("Matching percent-encoded paths")
struct EncodedPathTests {
    static func routes() throws -> RouteTree {
        try tree(
            "GET /caf\u{E9}", "GET /a b", "GET /100%", "GET /100%2525", "GET /{one}", "GET /x/y",
            "GET /long-enough-for-words/end", "GET /%252F", "GET /{a}/{b}", "GET /pre/{rest...}", "GET /.."
        )
    }

    @Test(
        "Literal segments are compared with the decoded bytes",
        arguments: [
            ("GET /caf%C3%A9", "/caf\u{E9}"), ("GET /caf%c3%a9", "/caf\u{E9}"), ("GET /caf\u{E9}", "/caf\u{E9}"),
            ("GET /cafe%CC%81", "/{one}"), ("GET /a%20b", "/a b"), ("GET /%61%20%62", "/a b"),
            ("GET /x/%79", "/x/y"), ("GET /%78/y", "/x/y"), ("GET /100%25", "/100%"), ("GET /100%2525", "/100%2525"),
            ("GET /long-enough-for-word%73/end", "/long-enough-for-words/end"),
            ("GET /%6Cong-enough-for-words/%65nd", "/long-enough-for-words/end"),
            ("GET /long-enough-for-word%74/end", "/{a}/{b}"), ("GET /%70re/a/b", "/pre/{rest...}"),
            ("GET /%2E%2e", "/.."), ("GET /%252F", "/%252F"),
        ])
    func decodedLiterals(line: String, pattern: String) throws {
        #expect(try Self.routes().outcome(line) == pattern)
    }

    @Test(
        "Literal segments of a pattern are decoded like those of a path",
        arguments: [
            ("/%3Aid", "/:id"), ("/%3Aid", "/%3aid"), ("/%2A", "/*"), ("/%7Bid%7D", "/%7Bid%7D"),
            ("/%3Cid%3E", "/<id>"),
            ("/caf%c3%a9/%6Cong-enough-for-words", "/caf\u{E9}/long-enough-for-words"), ("/a%3Fb%23", "/a%3Fb%23"),
            ("/a%2Fb", "/a%2Fb"), ("/a%2Fb", "/a%2fb"), ("/%FF%00", "/%FF%00"), ("/1%", "/1%25"), ("/%zz", "/%25zz"),
        ])
    func decodedPatterns(pattern: String, path: String) throws {
        let routes = try tree("GET \(pattern)")
        #expect(try routes.outcome("GET \(path)") == pattern)
        #expect(try routes.outcome("GET \(path)x") == "404")
    }

    @Test("A slash that is encoded in a pattern separates no segments of it")
    func encodedSlashInPattern() throws {
        #expect(try tree("GET /a%2Fb").outcome("GET /a/b") == "404")
    }

    @Test(
        "An encoded slash never separates segments and is never a slash of a pattern",
        arguments: [("GET /x%2Fy", "/{one}"), ("GET /x%2fy", "/{one}"), ("GET /%2F", "/{one}"), ("GET %2Fx/y", "404")])
    func encodedSlash(line: String, outcome: String) throws {
        #expect(try Self.routes().outcome(line) == outcome)
    }

    @Test(
        "A percent sign without two hexadecimal digits is literal",
        arguments: [
            ("GET /100%", "/100%"), ("GET /100%2", "/{one}"), ("GET /%zz", "/{one}"), ("GET /x%/y", "/{a}/{b}"),
            ("GET /x/%7/9", "404"), ("GET /%%78/y", "/{a}/{b}"), ("GET /x/%", "/{a}/{b}"),
        ])
    func malformedEscapes(line: String, outcome: String) throws {
        #expect(try Self.routes().outcome(line) == outcome)
    }

    @Test("A parameter's range refers to the path as sent")
    func encodedParameters() throws {
        let routes = try Self.routes()
        let route = try #require(routes.match(.get, "/%2F%20/b%2Fc").route)
        #expect(routes.value(of: "a", route: route, in: "/%2F%20/b%2Fc") == "%2F%20")
        #expect(routes.value(of: "b", route: route, in: "/%2F%20/b%2Fc") == "b%2Fc")
    }
}
