import HTTPCore
import Routing
import TestSupport
import Testing

@Suite("Hostile paths")
struct HostilePathTests {
    @Test(
        "Dots and double slashes are segments like any other",
        arguments: [
            ("GET /..", "/{x}"), ("GET /.", "/{x}"), ("GET /a/../b", "/a/{x}/b"), ("GET /a/./b", "/a/{x}/b"),
            ("GET /%2e%2e", "/{x}"), ("GET //", "404"), ("GET /a//b", "404"), ("GET //a", "404"),
            ("GET /f/../../etc/passwd", "/f/{rest...}"), ("GET /f///", "/f/{rest...}"),
        ])
    func dots(line: String, outcome: String) throws {
        #expect(try tree("GET /{x}", "GET /a/{x}/b", "GET /f/{rest...}", "GET /b", "GET /").outcome(line) == outcome)
    }

    @Test("Very long paths of one segment, of slashes, and of escapes are matched in one pass")
    func longPaths() throws {
        let routes = try tree("GET /{x}", "GET /f/{rest...}", "GET /a/b")
        let size = 1 << 20
        let segment = [UInt8(ascii: "/")] + [UInt8](repeating: UInt8(ascii: "x"), count: size)
        #expect(routes.match(.get, segment) == .found(route: 0))
        #expect(routes.range(of: "x", route: 0, in: segment) == ByteRange(start: 1, end: size + 1))
        let slashes = [UInt8](repeating: UInt8(ascii: "/"), count: size)
        #expect(routes.match(.get, slashes) == .notFound)
        #expect(routes.match(.get, Array("/f".utf8) + slashes) == .found(route: 1))
        let escapes = Array("/".utf8) + (0..<size).map { _ in UInt8(ascii: "%") }
        #expect(routes.match(.get, escapes) == .found(route: 0))
    }

    @Test("A path that fails late in a tree with many choices is decided")
    func backtracking() throws {
        // Every level has a literal and a parameter: 2^10 branches for a path, and each node is entered once.
        var builder = RouteTreeBuilder()
        for way in 0..<(1 << 10) {
            let segments = (0..<10).map { way >> $0 & 1 == 0 ? "/a" : "/{p\($0)}" }
            try builder.add(method: .get, pattern: segments.joined() + "/end")
        }
        let routes = builder.build()
        let path = String(repeating: "/a", count: 10)
        #expect(routes.match(.get, path + "/no") == .notFound)
        #expect(
            routes.match(.post, path + "/end")
                == .methodNotAllowed(allowed: [.init(.get), .init(.head), .init(.options)]))
        #expect(routes.match(.get, String(repeating: "/b", count: 10) + "/end") == .found(route: 1023))
    }

    @Test("A literal differs from a path by any byte at any position, around the size of a word", arguments: 1...34)
    func everyByte(count: Int) throws {
        let label = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
        let text = String(decoding: label, as: UTF8.self)
        for suffix in ["", "/", "/{x}"] {
            let routes = try tree("GET /\(text)\(suffix)")
            let tail = suffix == "/{x}" ? Array("/1".utf8) : Array(suffix.utf8)
            #expect(routes.match(.get, [UInt8(ascii: "/")] + label + tail) == .found(route: 0))
            for index in 0..<count {
                for wrong: UInt8 in [0, 0x2E, 0x2F, 0x30, 0x7F, 0x80, 0xAF, 0xFF] {
                    var path = [UInt8(ascii: "/")] + label + tail
                    path[index + 1] = wrong
                    #expect(routes.match(.get, path) == .notFound, "\(path)")
                }
            }
        }
    }

    @Test("A decoded zero byte is a byte", arguments: ["/a%00", "/%00", "/a%00%00%00%00%00%00%00", "/%00a"])
    func zeroBytes(path: String) throws {
        #expect(try tree("GET /a", "GET /", "GET /a\0b").match(.get, path) == .notFound)
        #expect(try tree("GET /a\0b").match(.get, "/a%00b") == .found(route: 0))
    }

    @Test("Nothing is read before or after a path", arguments: 1...40)
    func noOverread(count: Int) throws {
        let routes = try tree("GET /", "GET /aaaa", "GET /aaaaaaaaaaaaaaaa/{x}", "GET /{x}", "GET /{a}/{b}")
        let pages = try GuardedPage()
        for path in Self.paths(count: count) {
            for atEnd in [true, false] {
                let places = pages.withCopy(of: path, atEnd: atEnd) { span in
                    _ = routes.parameter("x", route: 3, path: span)
                    _ = routes.match(method: .get, path: span, pathIsEncoded: true)
                    return routes.match(method: .get, path: span, pathIsEncoded: false)
                }
                #expect(places == routes.match(.get, path))
            }
        }
    }

    private static func paths(count: Int) -> [[UInt8]] {
        let one = [UInt8(ascii: "/")] + [UInt8](repeating: UInt8(ascii: "a"), count: count - 1)
        var two = one
        two[count / 2] = UInt8(ascii: "/")
        return [one, two]
    }
}
