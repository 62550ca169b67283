import Glibc
import HyperServe
import Testing

/// Bodies so large that they are shared with the socket instead of copied.
@Suite("Large responses")
struct LargeResponseTests {
    private static let body = (0..<1_500_000).map { UInt8(truncatingIfNeeded: $0 / 3) }

    private static func routes() -> Router {
        // Created before a client waits for it.
        let body = Self.body
        var router = Router()
        router.get("/inline") { _ in .bytes(body) }
        router.get("/async") { _ async in .bytes(body) }
        router.get("/blocking", .blocking) { _ in .bytes(body) }
        router.get("/small") { _ in .text("small") }
        router.post("/echo", body: .collect(upTo: 2_000_000)) { request in .bytes(request.body.bytes) }
        return router
    }

    @Test(
        "arrive complete and in order, pipelined with small ones", arguments: DriverKind.allCases,
        ["/inline", "/async", "/blocking"])
    func pipelined(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            for _ in 0..<3 {
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /small HTTP/1.1\r\nHost: a\r\n\r\n")
            }
            for _ in 0..<3 {
                let isWhole = try client.readResponse().body == Self.body
                #expect(isWhole)
                #expect(try client.readResponse().body == Array("small".utf8))
            }
        }
    }

    @Test(
        "end with the connection if the client requests that, and have no body for HEAD", arguments: DriverKind.allCases
    )
    func ends(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            try client.send("HEAD /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try client.read(through: "\r\n\r\n")
            #expect(head.contains("Content-Length: 1500000"))
            try client.send("GET /inline HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let isWhole = try client.readResponse().body == Self.body
            #expect(isWhole)
            #expect(try client.readToEnd() == [])
        }
    }

    @Test("have the request's body, echoed", arguments: DriverKind.allCases)
    func echoed(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            for _ in 0..<3 {
                try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(Self.body.count)\r\n\r\n")
                try client.send(Self.body)
                let isWhole = try client.readResponse().body == Self.body
                #expect(isWhole)
            }
        }
    }
}
