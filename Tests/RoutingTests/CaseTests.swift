import HTTPCore
import Routing
import Testing

@Suite("Ignoring the case of letters")
struct CaseTests {
    static func routes() throws -> RouteTree {
        try tree(
            "GET /Items", "GET /items/{id}", "GET /A-Segment-Of-24-Bytes-XX/End", "GET /12345678Z/", "GET /caf\u{C9}",
            "GET /Files/{path...}", "GET /{one}", "GET /@[`x",
            ignoresCase: true)
    }

    @Test(
        "applies to ASCII letters of literal segments, also when they are encoded",
        arguments: [
            ("GET /items", "/Items"), ("GET /ITEMS", "/Items"), ("GET /iTeMs", "/Items"), ("GET /%49tem%73", "/Items"),
            ("GET /ITEMS/7", "/items/{id}"), ("GET /a-segment-of-24-bytes-xx/eND", "/A-Segment-Of-24-Bytes-XX/End"),
            ("GET /a-segment-of-24-bytes-xy/end", "404"),
            (
                "GET /A-SEGMENT-OF-24-BYTES-%58x/END",
                "/A-Segment-Of-24-Bytes-XX/End"
            ), ("GET /12345678z/", "/12345678Z/"), ("GET /FILES/a", "/Files/{path...}"),
            ("GET /CAF\u{C9}", "/caf\u{C9}"), ("GET /caf%C3%89", "/caf\u{C9}"), ("GET /caf\u{E9}", "/{one}"),
            ("GET /@[`x", "/@[`x"), ("GET /@[`X", "/@[`x"), ("GET /`[`x", "/{one}"), ("GET /@{`x", "/{one}"),
            ("GET /@[@x", "/{one}"), ("PUT /ITEMS", "405 GET, HEAD, OPTIONS"), ("GET /x/y", "404"),
        ])
    func letters(line: String, outcome: String) throws {
        #expect(try Self.routes().outcome(line) == outcome)
    }

    @Test("leaves the values of parameters as they were sent")
    func parameters() throws {
        let routes = try Self.routes()
        let route = try #require(routes.match(.get, "/ITEMS/Ab%43").route)
        #expect(routes.value(of: "id", route: route, in: "/ITEMS/Ab%43") == "Ab%43")
        let rest = try #require(routes.match(.get, "/FILES/A/B").route)
        #expect(routes.value(of: "path", route: rest, in: "/FILES/A/B") == "A/B")
    }

    @Test(
        "makes patterns that differ in it only a conflict, and the error names both",
        arguments: [("/Items", "/items"), ("/a/{x}/B", "/A/{y}/b"), ("/a%42", "/Ab")])
    func conflicts(existing: String, pattern: String) throws {
        #expect(throws: RouteError.conflict(method: .get, pattern: pattern, existing: existing)) {
            try tree("GET \(existing)", "GET \(pattern)", ignoresCase: true)
        }
        #expect(throws: Never.self) {
            _ = try tree("GET \(existing)", "POST \(pattern)", ignoresCase: true)
            _ = try tree("GET \(existing)", "GET \(pattern)")
        }
    }

    @Test("is off by default")
    func byDefault() throws {
        #expect(try tree("GET /Items").outcome("GET /items") == "404")
        #expect(try tree("GET /Items").outcome("GET /item%73") == "404")
    }
}
