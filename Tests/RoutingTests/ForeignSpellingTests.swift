import HTTPCore
import Routing
import Testing

@Suite("Patterns in the spelling of another router")
struct ForeignSpellingTests {
    private static func reason(_ piece: String, _ one: String, _ rest: String?, _ text: String) -> String {
        let rest = rest.map { ", \"\($0)\" for the rest of the path," } ?? ""
        return "\"\(piece)\" is not how a parameter is written, which is a whole segment: write \"\(one)\" for one "
            + "segment\(rest) or \"\(text)\" for this text"
    }

    @Test(
        "are refused with the spelling of this one, for a segment and for the rest of the path",
        arguments: [
            // Hummingbird, Vapor, Express, Gin
            ("/a/:id", "/a/{id}", "/a/{id...}", "/a/%3Aid"), ("/:", "/{name}", "/{name...}", "/%3A"),
            ("/a/:id?", "/a/{id}", "/a/{id...}", "/a/%3Aid%3F"),
            ("/:id(\\d+)", "/{id}", "/{id...}", "/%3Aid%28%5Cd+%29"),
            ("/a/*", "/a/{name}", "/a/{name...}", "/a/%2A"), ("/a/**", "/a/{name}", "/a/{name...}", "/a/%2A%2A"),
            ("/a/*path", "/a/{path}", "/a/{path...}", "/a/%2Apath"), ("/file.*", "/{name}", "/{name...}", "/file.%2A"),
            ("/*.jpg", "/{name}", "/{name...}", "/%2A.jpg"), ("/(.*)", "/{name}", "/{name...}", "/%28.%2A%29"),
            // Go, axum, Spring, ASP.NET
            ("/{id", "/{id}", "/{id...}", "/%7Bid"), ("/id}", "/{name}", "/{name...}", "/id%7D"),
            ("/a/{id}x", "/a/{id}", "/a/{id...}", "/a/%7Bid%7Dx"), ("/a{id}x", "/{id}", "/{id...}", "/a%7Bid%7Dx"),
            ("/{id:int}", "/{id}", "/{id...}", "/%7Bid%3Aint%7D"),
            ("/{*path}", "/{path}", "/{path...}", "/%7B%2Apath%7D"),
            ("/{id?}", "/{id}", "/{id...}", "/%7Bid%3F%7D"), ("/{p+}", "/{p}", "/{p...}", "/%7Bp+%7D"),
            ("/{}", "/{name}", "/{name...}", "/%7B%7D"), ("/{...}", "/{name}", "/{name...}", "/%7B...%7D"),
            ("/{a b}", "/{a}", "/{a...}", "/%7Ba b%7D"), ("/{a..}", "/{a}", "/{a...}", "/%7Ba..%7D"),
            ("/{{a}}", "/{a}", "/{a...}", "/%7B%7Ba%7D%7D"), ("/{a}{b}", "/{a}", "/{a...}", "/%7Ba%7D%7Bb%7D"),
            ("/}a{", "/{a}", "/{a...}", "/%7Da%7B"),
            // Flask, Django, Rocket
            ("/a/<id>", "/a/{id}", "/a/{id...}", "/a/%3Cid%3E"), ("/<int:id>", "/{id}", "/{id...}", "/%3Cint%3Aid%3E"),
            ("/<path..>", "/{path}", "/{path...}", "/%3Cpath..%3E"),
            ("/<id>.txt", "/{id}", "/{id...}", "/%3Cid%3E.txt"),
            // Next.js
            ("/[id]", "/{id}", "/{id...}", "/%5Bid%5D"), ("/[...slug]", "/{slug}", "/{slug...}", "/%5B...slug%5D"),
        ])
    func refused(pattern: String, one: String, rest: String, text: String) throws {
        let error = #expect(throws: RouteError.self) { try tree("GET \(pattern)") }
        let piece = String(pattern.split(separator: "/").last!)
        #expect(error == .malformed(pattern: pattern, reason: Self.reason(piece, one, rest, text)))
        // What it says is right.
        for spelling in [one, rest, text] { #expect(throws: Never.self) { try tree("GET \(spelling)") } }
        #expect(try tree("GET \(text)").outcome("GET \(text)") == text)
    }

    @Test(
        "are refused in any segment, and all of them are corrected, with names that differ",
        arguments: [
            ("/:a/b/:c", ":a", "/{a}/b/{c}", "/{a}/b/{c...}", "/%3Aa/b/%3Ac"),
            ("/:id/{id}/:id", ":id", "/{id2}/{id}/{id3}", "/{id2}/{id}/{id3...}", "/%3Aid/{id}/%3Aid"),
            ("/*/b", "*", "/{name}/b", nil, "/%2A/b"), ("/*/*/{x}", "*", "/{name}/{name2}/{x}", nil, "/%2A/%2A/{x}"),
            ("/{a/b}", "{a", "/{a}/{name}", "/{a}/{name...}", "/%7Ba/b%7D"), ("/:a/", ":a", "/{a}/", nil, "/%3Aa/"),
        ] as [(String, String, String, String?, String)])
    func anywhere(pattern: String, piece: String, one: String, rest: String?, text: String) {
        let error = #expect(throws: RouteError.self) { try tree("GET \(pattern)") }
        #expect(error == .malformed(pattern: pattern, reason: Self.reason(piece, one, rest, text)))
        for spelling in [one, text] { #expect(throws: Never.self) { try tree("GET \(spelling)") } }
    }

    @Test("are refused as Go's mark for the end, which is not needed")
    func end() {
        #expect(
            throws: RouteError.malformed(
                pattern: "/a/{$}",
                reason: "\"{$}\" is not needed after a slash at the end, which is significant: write \"/a/\"")
        ) { try tree("GET /a/{$}") }
    }

    @Test(
        "are not seen in text that contains the same characters",
        arguments: [
            "/a:b", "/v1/things:batch", "/a:", "/a*b", "/a<b", "/>a<", "/(a)", "/Products(1)", "/a[0]", "/[a", "/a+b",
            "/$a", "/@me", "/a;b=c", "/~a", "/a!",
        ])
    func text(pattern: String) throws {
        let routes = try tree("GET \(pattern)")
        #expect(try routes.outcome("GET \(pattern)") == pattern)
        #expect(try routes.outcome("GET /other") == "404")
    }
}
