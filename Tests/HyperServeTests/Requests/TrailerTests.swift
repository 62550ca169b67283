import HyperServe
import Testing

/// Trailer fields of a chunked body, RFC 9110 section 6.5.
@Suite("Trailers of requests")
struct TrailerTests {
    private static let trailers = "X-Sum: \t 42 \r\nHost: evil\r\nX-Empty:\r\nx-sum: 43\r\n"

    /// Responds with the trailers, and whether they were merged into the header fields.
    private static func describe(_ trailers: HeaderFields, _ request: borrowing Request) -> Response {
        let merged = request.headers.contains("X-Sum") || request.host != "a"
        return .text(trailers.map { "\($0.name)=\($0.value)" }.joined(separator: ";") + (merged ? " merged" : ""))
    }

    private static func routes() -> Router {
        var router = Router()
        router.post("/collected") { request in describe(request.trailers, request) }
        router.post("/later") { request in
            await Task.yield()
            return describe(request.trailers, request)
        }
        router.post("/job", .blocking) { request in describe(request.trailers, request) }
        router.post("/async", body: .stream) { request in
            for try await _ in request.body.chunks where !request.trailers.isEmpty { return .text("too early") }
            return describe(request.trailers, request)
        }
        router.post("/blocking", .blocking, body: .stream) { request in
            while try request.body.nextChunk() != nil {
                guard request.trailers.isEmpty else { return .text("too early") }
            }
            return describe(request.trailers, request)
        }
        router.post("/unread", body: .stream) { request in describe(request.trailers, request) }
        router.post("/mirror", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream(trailers: ["X-Sum"]) { writer in
                for try await chunk in chunks { try await writer.write(chunk) }
                writer.trailers["X-Sum"] = chunks.trailers["X-Sum"]
            }
        }
        return router
    }

    private static let paths = ["/collected", "/later", "/job", "/async", "/blocking"]

    @Test(
        "reach the handler after the body, without those that belong in a head",
        arguments: DriverKind.allCases, paths)
    func arrive(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            try client.send("\(head)5\r\nhello\r\n0\r\n\(Self.trailers)\r\n")
            #expect(try client.readResponse().text == "X-Sum=42;X-Empty=;x-sum=43")
            // The next request has none of them.
            try client.send("\(head)5\r\nhello\r\n0\r\n\r\n")
            #expect(try client.readResponse().text == "")
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
            #expect(try client.readResponse().text == "")
        }
    }

    @Test("may arrive byte by byte", arguments: DriverKind.allCases, paths)
    func bytewise(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            for byte in "\(head)5\r\nhello\r\n0\r\n\(Self.trailers)\r\n".utf8 { try client.send([byte]) }
            #expect(try client.readResponse().text == "X-Sum=42;X-Empty=;x-sum=43")
        }
    }

    @Test("reach the closure that writes a streamed response", arguments: DriverKind.allCases)
    func mirrored(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            let head = "POST /mirror HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
            try client.send("\(head)5\r\nhello\r\n0\r\nX-Sum: 42\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.text == "hello" && response.trailers == ["x-sum": "42"])
        }
    }

    @Test("are absent if the handler does not read the body, and are discarded with it", arguments: DriverKind.allCases)
    func unread(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            let client = RawClient(port: port)
            for _ in 0..<3 {
                try client.send("POST /unread HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Su")
                #expect(try client.readResponse().text == "")
                try client.send("m: 42\r\n\r\n")
                try client.send("POST /collected HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
                #expect(try client.readResponse().text == "")
            }
        }
    }

    @Test(
        "beyond their limits get 431", arguments: DriverKind.allCases, ["/collected", "/async", "/blocking"])
    func bounded(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.routes()) { port in
            let head = "POST \(path) HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
            let client = RawClient(port: port)
            try client.send(head + String(repeating: "A: b\r\n", count: 32) + "\r\n")
            #expect(try client.readResponse().text.count == 32 * 4 - 1)
            try client.send(head + String(repeating: "A: b\r\n", count: 33) + "\r\n")
            let response = try client.readResponse()
            #expect(response.status == 431 && response.headers["connection"] == "close")
        }
    }
}
