import HTTPCore
import Routing
import Testing

@Suite("Adding routes")
struct BuilderTests {
    @Test(
        "A malformed pattern is refused with a sentence about the reason",
        arguments: [
            ("", "a pattern begins with a slash"), ("a/b", "a pattern begins with a slash"),
            ("/a?b=c", "a pattern is a path, without a query or a fragment"),
            ("/a#b", "a pattern is a path, without a query or a fragment"),
            ("/{a}/{a}", "the parameter name \"a\" is used twice"),
            ("/{a}/{a...}", "the parameter name \"a\" is used twice"),
            ("/{a...}/b", "{a...} takes the rest of the path, so it comes last"),
            ("/{a...}/", "{a...} takes the rest of the path, so it comes last"),
        ])
    func malformed(pattern: String, reason: String) {
        let error = #expect(throws: RouteError.self) { try tree("GET \(pattern)") }
        #expect(error == .malformed(pattern: pattern, reason: reason))
        #expect(error?.description == "The route pattern \"\(pattern)\" is malformed: \(reason).")
    }

    @Test(
        "Two routes of one method and one shape are refused, and the error names both",
        arguments: [
            ("/", "/"), ("/a/b", "/a/b"), ("/a/{x}", "/a/{y}"), ("/{x}/b/{y}", "/{y}/b/{x}"),
            ("/f/{x...}", "/f/{rest...}"), ("/a%20b", "/a b"), ("/%41/%7bx%7D", "/A/%7Bx%7d"), ("/100%", "/100%25"),
        ])
    func conflicts(existing: String, pattern: String) {
        let error = #expect(throws: RouteError.self) { try tree("GET \(existing)", "GET \(pattern)") }
        #expect(
            error?.description
                == "The route GET \"\(pattern)\" conflicts with GET \"\(existing)\": both match the same paths."
        )
    }

    @Test(
        "Patterns of different shapes can coexist, however they overlap",
        arguments: [
            ("/a/{x}/c", "/a/b/{y}"), ("/a", "/a/"), ("/{x}", "/{x...}"), ("/{x}/b", "/a/{x}"), ("/a", "/A"),
            ("/\u{E9}", "/e\u{301}"), ("/%7Bid%7D", "/{id}"), ("/%61%2Fb", "/a/b"),
        ])
    func overlaps(first: String, second: String) throws {
        let routes = try tree("GET \(first)", "GET \(second)")
        #expect([0, 1].map(routes.pattern) == [first, second])
    }

    @Test("A refused route leaves the builder as it was, and numbers stay dense")
    func refusalChangesNothing() throws {
        var builder = RouteTreeBuilder()
        #expect(try builder.add(method: .get, pattern: "/{a}/b") == 0)
        #expect(throws: RouteError.self) { try builder.add(method: .get, pattern: "/{c}/b") }
        #expect(throws: RouteError.self) { try builder.add(method: .get, pattern: "/new/{c") }
        #expect(try builder.add(method: .post, pattern: "/{c}/b") == 1)
        let routes = builder.build()
        #expect([0, 1].map(routes.pattern) == ["/{a}/b", "/{c}/b"])
        #expect(routes.match(.post, "/new/b") == .found(route: 1))
        #expect(routes.match(.get, "/new") == .notFound)
    }
}
