import HyperServe
import TestSupport
import Testing

/// Responses that are sent before the body of their request was read.
@Suite("Early responses")
struct EarlyResponseTests {
    /// How many bytes of an unread body the server discards to keep the connection.
    private static let discardedByteCount = 64 * 1024

    private static func routes() -> Router {
        var router = Router()
        router.post("/blocking", .blocking, body: .stream) { _ in .text("no need") }
        router.post("/async", body: .stream) { _ in
            await Task.yield()
            return .text("no need")
        }
        router.post("/mirror", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream { writer in
                for try await chunk in chunks { try await writer.write(chunk) }
            }
        }
        router.post("/collected") { request in .text("\(request.body.count)") }
        router.get("/after") { _ in .text("after") }
        return router
    }

    @Test(
        "close the connection if the body is too long to be discarded, and only then",
        arguments: DriverKind.allCases, ["/blocking", "/async", "/nowhere"])
    func bound(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let body = [UInt8](repeating: 0x61, count: Self.discardedByteCount + 1)
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count - 1)\r\n\r\n")
            #expect(try client.readResponse().headers["connection"] == nil)
            try client.send(Array(body.dropLast()))
            #expect(try client.get("/after").text == "after")

            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
            #expect(try client.readResponse().headers["connection"] == "close")
            try client.send(body + Array("GET /after HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
            #expect(try client.readToEnd() == [], "the rest is not read as a request, and there is no reset")
        }
    }

    @Test(
        "close the connection if the client waits for a 100 that it does not get",
        arguments: DriverKind.allCases, ["/blocking", "/async", "/nowhere"])
    func withoutContinue(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            for framing in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
                let client = RawClient(port: port)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\(framing)\r\n\r\n")
                let response = try client.readResponse()
                #expect(response.status != 100 && response.headers["connection"] == "close")
                #expect(try client.readToEnd() == [])
            }
        }
    }

    @Test("may begin before the body is read to its end, and the connection persists", arguments: DriverKind.allCases)
    func mirror(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let body = [UInt8](repeating: 0x61, count: 1 << 20)
            for _ in 0..<2 {
                try client.send("POST /mirror HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n")
                let sending = client.sending(body)
                let response = try client.readResponse()
                sending.wait()
                #expect(response.headers["connection"] == nil)
                #expect(response.body == body)
            }
        }
    }

    @Test("are not sent by routes that collect the body: the client gets 100", arguments: DriverKind.allCases)
    func collected(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            try client.send("POST /collected HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            #expect(try client.read(through: "\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n")
            try client.send("hello")
            let response = try client.readResponse()
            #expect(response.text == "5" && response.headers["connection"] == nil)
            #expect(try client.get("/after").text == "after")
        }
    }
}
