import HyperServe
import Testing

@Suite("Cookies")
struct CookieTests {
    @Test("are by default for this host, over TLS, and hidden from scripts")
    func defaults() throws {
        #expect(try fields(Cookie(name: "id", value: "1")) == ["id=1; Path=/; Secure; HttpOnly; SameSite=Lax"])
    }

    @Test("have the attributes that are set")
    func attributes() throws {
        var cookie = Cookie(name: "__Secure-id", value: "a=b&c'%20")
        cookie.domain = "example.com"
        cookie.path = "/shop"
        cookie.maxAge = .milliseconds(90_500)
        cookie.expiresUnixSeconds = 784_111_777
        cookie.isHTTPOnly = false
        cookie.sameSite = Cookie.SameSite.none
        cookie.isPartitioned = true
        let expected =
            "__Secure-id=a=b&c'%20; Domain=example.com; Path=/shop; Max-Age=90; "
            + "Expires=Sun, 06 Nov 1994 08:49:37 GMT; Secure; SameSite=None; Partitioned"
        #expect(try fields(cookie) == [expected])
        cookie = Cookie(name: "a", value: "")
        (cookie.path, cookie.isSecure, cookie.isHTTPOnly, cookie.sameSite) = (nil, false, false, nil)
        #expect(try fields(cookie) == ["a="])
    }

    @Test(
        "accept any duration: a negative one becomes 0, and the longest 285 years",
        arguments: [
            (.seconds(-1), "0"), (.seconds(Int64.min) * 4, "0"), (.milliseconds(999), "0"),
            (.seconds(Int64.max) * 4, "9000000000"),
        ] as [(Duration, String)])
    func extremeMaxAge(duration: Duration, seconds: String) throws {
        var cookie = Cookie(name: "a", value: "1")
        cookie.maxAge = duration
        #expect(try fields(cookie) == ["a=1; Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Lax"])
    }

    @Test("are removed by an expired one with the same name, domain and path")
    func removing() throws {
        var response = Response.text("")
        try response.setCookie(Cookie(name: "a", value: "1"))
        try response.removeCookie(Cookie(name: "b", value: "2"))
        #expect(
            response.headers.map(\.value) == [
                "a=1; Path=/; Secure; HttpOnly; SameSite=Lax",
                "b=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax",
            ])
    }

    private static let hostile: [(error: CookieError, change: @Sendable (inout Cookie) -> Void)] = [
        (.invalidName, { $0.name = "" }), (.invalidName, { $0.name = "a b" }), (.invalidName, { $0.name = "a=b" }),
        (.invalidName, { $0.name = "a;b" }), (.invalidName, { $0.name = "a\r\nX: y" }),
        (.invalidName, { $0.name = "é" }),
        (.invalidValue, { $0.value = "a b" }), (.invalidValue, { $0.value = "a;b" }),
        (.invalidValue, { $0.value = "a,b" }), (.invalidValue, { $0.value = "\"a\"" }),
        (.invalidValue, { $0.value = "a\\b" }), (.invalidValue, { $0.value = "a\r\nSet-Cookie: b=c" }),
        (.invalidValue, { $0.value = "\u{0}" }), (.invalidValue, { $0.value = "\u{7F}" }),
        (.invalidValue, { $0.value = "é" }),
        (.invalidAttribute, { $0.path = "/;Domain=evil.example" }), (.invalidAttribute, { $0.path = "/\r\n" }),
        (.invalidAttribute, { $0.path = "shop" }), (.invalidAttribute, { $0.path = "" }),
        (.invalidAttribute, { $0.domain = "a; HttpOnly" }), (.invalidAttribute, { $0.domain = "" }),
        (.invalidAttribute, { $0.domain = "a\nb" }),
        (.invalidAttribute, { $0.path = "/" + String(repeating: "a", count: 1024) }),
        (.notSecure, { ($0.isSecure, $0.sameSite) = (false, Cookie.SameSite.none) }),
        (.notSecure, { ($0.isSecure, $0.isPartitioned) = (false, true) }),
        (.notSecure, { ($0.isSecure, $0.name) = (false, "__Secure-a") }),
        (.notSecure, { ($0.isSecure, $0.name) = (false, "__HOST-a") }),
        (.notForHost, { ($0.path, $0.name) = ("/shop", "__Host-a") }),
        (.notForHost, { ($0.path, $0.name) = (nil, "__host-a") }),
        (.notForHost, { ($0.domain, $0.name) = ("example.com", "__Host-a") }),
    ]

    @Test("that browsers reject, or that would inject something, are rejected and not set", arguments: hostile.indices)
    func refused(index: Int) {
        var cookie = Cookie(name: "a", value: "1")
        Self.hostile[index].change(&cookie)
        var response = Response.text("")
        #expect(throws: Self.hostile[index].error) { try response.setCookie(cookie) }
        #expect(response.headers.isEmpty)
    }

    @Test("may have 4,096 bytes and no more")
    func length() throws {
        #expect(try fields(Cookie(name: "a", value: String(repeating: "b", count: 4095))).count == 1)
        #expect(throws: CookieError.tooLong) {
            try fields(Cookie(name: "a", value: String(repeating: "b", count: 4096)))
        }
    }

    @Test("are read as they were sent, pair by pair")
    func reading() async throws {
        var router = Router()
        router.get("/one") { request in .text(request.cookies["id"] ?? "none") }
        router.get("/all") { request in
            var all: [String] = []
            let add = { (name: String, value: String) in all.append("\(name)|\(value)") }
            request.cookies.forEach(add)
            return .text(all.joined(separator: " "))
        }
        let sent = [
            ("id=1", "1", "id|1"), ("a=b; id=x=y", "x=y", "a|b id|x=y"), ("ID=1; id=2; id=3", "2", "ID|1 id|2 id|3"),
            ("id=\"q\"", "\"q\"", "id|\"q\""), ("id", "none", ""), ("; ;id =  v\t;", "v", "id|v"), ("=v", "none", "|v"),
            ("id=", "", "id|"), ("id=a\r\nCookie: id=b", "a", "id|a id|b"), ("xid=1;idx=2", "none", "xid|1 idx|2"),
        ]
        try await withServer(.epoll, router) { port in
            let client = RawClient(port: port)
            for (field, one, all) in sent {
                for (path, expected) in [("/one", one), ("/all", all)] {
                    try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nCookie: \(field)\r\n\r\n")
                    #expect(try client.readResponse().text == expected, "\(field)")
                }
            }
            #expect(try client.get("/one").text == "none")
        }
    }

    private func fields(_ cookie: Cookie) throws -> [String] {
        var response = Response.text("")
        try response.setCookie(cookie)
        return response.headers.filter { $0.name == "Set-Cookie" }.map(\.value)
    }
}
