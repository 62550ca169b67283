import HyperServe
import Testing

/// Clients that send FIN after their request and wait for the response, which RFC 9112 section 9.6 allows.
@Suite("Half-closed connections", .serialized)
struct HalfCloseTests {
    private static let size = 100_000

    private static func routes() -> Router {
        let response = [UInt8](repeating: 0x61, count: size)
        var router = Router()
        router.post("/inline") { _ in .bytes(response) }
        router.post("/async") { _ async in
            await Task.yield()
            return .bytes(response)
        }
        router.post("/blocking", .blocking) { _ in .bytes(response) }
        router.post("/stream") { _ in
            .stream { writer in
                for start in stride(from: 0, to: size, by: 10_000) {
                    try await writer.write([UInt8](response[start..<start + 10_000]))
                }
            }
        }
        return router
    }

    @Test(
        "get their complete response, 500 at once", arguments: DriverKind.allCases,
        ["/inline", "/async", "/blocking", "/stream"])
    func halfClosed(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let clients = try (0..<500).map { _ in try RawClient(connectingTo: port) }
            for client in clients {
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
                client.finish()
            }
            for client in clients {
                let response = try client.readResponse()
                #expect(response.status == 200 && response.body.count == Self.size)
                #expect(try client.readToEnd() == [], "and then the connection ends")
            }
        }
    }

    @Test("get the responses to all pipelined requests", arguments: DriverKind.allCases)
    func pipelined(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let paths = ["/inline", "/async", "/blocking", "/stream"]
            let requests = (0..<40).map {
                "POST \(paths[$0 % 4]) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
            }
            try client.send(requests.joined())
            client.finish()
            for _ in requests { #expect(try client.readResponse().body.count == Self.size) }
            #expect(try client.readToEnd() == [])
        }
    }
}
