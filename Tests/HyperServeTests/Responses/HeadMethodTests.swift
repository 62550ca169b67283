import HyperServe
import HyperServeTesting
import Testing

/// RFC 9110 section 8.6: the Content-Length of a response to HEAD is that of the response to GET.
@Suite("Responses to HEAD", .timeLimit(.minutes(20)))
struct HeadMethodTests {
    private static func routes() -> Router {
        var router = Router()
        router.on(.head, "/route") { _ in Response(headers: ["Content-Length": "5000"]) }
        router.on(.head, "/route-async") { _ async in Response(headers: ["content-length": "5000"]) }
        router.on(.head, "/route-blocking", .blocking) { _ in Response(headers: ["Content-Length": "5000"]) }
        router.get("/get") { request in
            guard request.method == .head else { return .text(String(repeating: "a", count: 5000)) }
            return Response(headers: ["Content-Length": "5000", "X-A": "b"])
        }
        router.get("/body") { _ in Response(headers: ["Content-Length": "5000"], body: .text("hello")) }
        router.get("/empty") { _ in Response(headers: ["Content-Length": "5000"]) }
        router.get("/204") { _ in Response(status: .noContent, headers: ["Content-Length": "5000"]) }
        router.get("/value") { request in
            var headers = HeaderFields()
            for value in request.query["v"]!.split(separator: "|", omittingEmptySubsequences: false) {
                headers.append(name: "Content-Length", value: String(value))
            }
            return Response(headers: headers)
        }
        router.get("/after") { _ in .text("after") }
        return router
    }

    @Test(
        "have the Content-Length that the handler sets", arguments: DriverKind.allCases,
        ["/route", "/route-async", "/route-blocking", "/get"])
    func named(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            let response = try client.readResponse(toHead: true)
            #expect(response.status == 200 && response.headers["content-length"] == "5000")
            // There is no body, and the client waits for none.
            #expect(try client.get("/after").text == "after")
        }
    }

    @Test("have the length of the body if there is one, like every response to GET")
    func computed() async throws {
        let client = try TestClient(router: Self.routes())
        #expect(try await client.head("/body").headers["Content-Length"] == "5")
        #expect(try await client.get("/body").headers["Content-Length"] == "5")
        #expect(try await client.get("/empty").headers["Content-Length"] == "0")
        #expect(try await client.head("/204").headers["Content-Length"] == nil)
    }

    @Test(
        "have no Content-Length that is not one number",
        arguments: ["", "-1", "%2B1", "1,1", "1|1", "1|2", "x", "1x", "0x10", "9223372036854775808", "%20", "1%201"])
    func malformed(value: String) async throws {
        let response = try await TestClient(router: Self.routes()).head("/value?v=\(value)")
        #expect(response.headers.filter { $0.name.lowercased() == "content-length" }.map(\.value) == ["0"])
    }

    @Test("may have any Content-Length that fits", arguments: ["0", "1", "007", "9223372036854775807"])
    func limits(value: String) async throws {
        let response = try await TestClient(router: Self.routes()).head("/value?v=\(value)")
        #expect(response.headers["Content-Length"].flatMap(Int.init) == Int(value))
    }

    @Test("of a HEAD route have no ETag computed from a missing body")
    func tag() async throws {
        var router = Router()
        router.use(ConditionalRequests())
        router.on(.head, "/") { _ in Response(headers: ["Content-Length": "5"]) }
        router.get("/") { _ in .text("hello") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").headers["ETag"] != nil)
        #expect(try await client.head("/").headers["ETag"] == nil)
    }
}
