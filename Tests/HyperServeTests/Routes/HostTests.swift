import HyperServe
import HyperServeTesting
import Testing

@Suite("Routes for hosts", .timeLimit(.minutes(20)))
struct HostTests {
    private static func client() throws -> TestClient {
        var router = Router()
        router.get("/") { _ in .text("any") }
        router.get("/shared/{id}") { request in .text("shared \(request.parameters["id"]!)") }
        router.post("/form") { _ in .text("any") }
        router.host("admin.example.com") { admin in
            admin.use(Marking(name: "a"))
            admin.get("/") { _ in .text("admin") }
            admin.get("/users/{id}") { request in .text("user \(request.parameters["id"]!)") }
            admin.get("/form") { _ in .text("admin") }
        }
        router.host("*.example.com") { $0.get("/") { request in .text("below \(request.host)") } }
        router.host("[::1]") { $0.get("/") { _ in .text("loopback") } }
        return try TestClient(router: router)
    }

    @Test(
        "a name takes precedence over a wildcard, and that over every host; case, port and a last dot are ignored",
        arguments: [
            ("admin.example.com", "admin"), ("ADMIN.Example.COM", "admin"), ("admin.example.com:8080", "admin"),
            ("admin.example.com.", "admin"), ("admin.example.com.:80", "admin"),
            ("shop.example.com", "below shop.example.com"), ("a.b.example.com", "below a.b.example.com"),
            ("example.com", "any"), (".example.com", "any"), ("evilexample.com", "any"),
            ("admin.example.com.evil.org", "any"), ("[::1]:8080", "loopback"), ("[::1]", "loopback"), ("[::2]", "any"),
            ("xadmin.example.com", "below xadmin.example.com"),
        ])
    func choice(host: String, text: String) async throws {
        #expect(try await HostTests.client().get("/", headers: ["Host": host]).text == text)
    }

    @Test("a path that a host does not have is looked up in the routes for every host")
    func fallback() async throws {
        let client = try HostTests.client()
        let admin: HeaderFields = ["Host": "admin.example.com"]
        #expect(try await client.get("/users/7", headers: admin).text == "user 7")
        #expect(try await client.get("/users/7", headers: admin).headers["Trace"] == "a")
        #expect(try await client.get("/users/7").status == .notFound)
        #expect(try await client.get("/shared/7", headers: admin).text == "shared 7")
        #expect(try await client.get("/shared/7", headers: admin).headers["Trace"] == nil)
        #expect(try await client.post("/form", headers: admin, body: "").text == "any")
        #expect(try await client.send(.put, "/form", headers: admin).headers["Allow"] == "GET, HEAD, POST, OPTIONS")
    }

    @Test(
        "if several have a path, all its methods are allowed, and a preflight goes to the first with its method",
        arguments: [
            ("a.example.com", Method.get, "name"), ("a.example.com", .put, "wildcard"),
            ("a.example.com", .delete, "any"), ("a.example.com", .patch, "wildcard"), ("b.example.com", .get, nil),
            ("b.example.com", .put, "wildcard"), ("b.example.com", .delete, "any"), ("other.org", .delete, "any"),
            ("other.org", .put, nil),
        ] as [(String, Method, String?)])
    func shared(host: String, method: Method, origin: String?) async throws {
        // Each tree has its own middleware, which is identified by the origin that it allows.
        func cors(_ name: String) -> CORS {
            CORS(origins: .only(["https://\(name).example"]), methods: [.get, .put, .delete, .patch])
        }
        var router = Router()
        router.group { any in
            any.use(cors("any"))
            any.delete("/x") { _ in .text("") }
            any.patch("/x") { _ in .text("") }
        }
        router.host("*.example.com") { wildcard in
            wildcard.use(cors("wildcard"))
            wildcard.put("/x") { _ in .text("") }
            wildcard.patch("/x") { _ in .text("") }
        }
        router.host("a.example.com") { name in
            name.use(cors("name"))
            name.get("/x") { _ in .text("") }
        }
        let client = try TestClient(router: router)
        for name in ["any", "wildcard", "name"] {
            let headers: HeaderFields = [
                "Host": host, "Origin": "https://\(name).example", "Access-Control-Request-Method": "\(method)",
            ]
            let response = try await client.send(.options, "/x", headers: headers)
            let isAllowed = response.headers["Access-Control-Allow-Origin"] == "https://\(name).example"
            #expect(origin == nil || isAllowed == (name == origin), "\(name)")
        }
        let allowed = try await client.send(.post, "/x", headers: ["Host": host])
        let methods = [
            "a.example.com": "GET, HEAD, PUT, DELETE, OPTIONS, PATCH", "b.example.com": "PUT, DELETE, OPTIONS, PATCH",
            "other.org": "DELETE, OPTIONS, PATCH",
        ]
        #expect(allowed.status == .methodNotAllowed && allowed.headers["Allow"] == methods[host])
    }

    @Test("the host of an absolute target is used")
    func absoluteTarget() async throws {
        let text = "GET http://admin.example.com/ HTTP/1.1\r\nHost: admin.example.com\r\n\r\n"
        #expect(try await HostTests.client().send(raw: text).first?.text == "admin")
    }

    @Test(
        "an invalid host is rejected",
        arguments: ["", "*", "*.", "a b", "a/b", "example.com:80", "*.*.example.com", "example.com.", "ex*.com"])
    func malformed(host: String) {
        var router = Router()
        router.host(host) { $0.get("/") { _ in .text("") } }
        #expect(throws: RouteError.self) { try Server(router: router) }
    }
}
