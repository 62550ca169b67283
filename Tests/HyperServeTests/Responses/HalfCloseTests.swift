import Glibc
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

    @Test(
        "get their response to an upload that a handler reads as it arrives, also one that is echoed",
        arguments: DriverKind.allCases, ["/async", "/blocking", "/echo"])
    func uploads(driver: DriverKind, path: String) async throws {
        var router = Router()
        router.post("/async", body: .stream) { request in
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count)")
        }
        router.post("/blocking", .blocking, body: .stream) { request in
            var count = 0
            while let chunk = try request.body.nextChunk() { count += chunk.count }
            return .text("\(count)")
        }
        router.post("/echo", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream { writer in
                for try await chunk in chunks { try await writer.write(chunk) }
            }
        }
        let body = String(repeating: "b", count: Self.size)
        try await withServer(driver, router) { port in
            for upload in [
                "Content-Length: \(Self.size)\r\n\r\n\(body)",
                "Transfer-Encoding: chunked\r\n\r\n\(String(Self.size, radix: 16))\r\n\(body)\r\n0\r\n\r\n",
            ] {
                let client = RawClient(port: port)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(upload)")
                client.finish()
                let text = try client.readResponse().text
                #expect(text == (path == "/echo" ? body : "\(Self.size)"))
                #expect(try client.readToEnd() == [])
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

    @Test(
        "of which the request is incomplete end it, and get no response", arguments: DriverKind.allCases,
        ["/head", "/collected", "/inline", "/async", "/blocking", "/chunked"])
    func incomplete(driver: DriverKind, path: String) async throws {
        let events = Events()
        var router = Router()
        let count = { @Sendable (chunk: [UInt8]?) in if chunk != nil { events.add("read") } }
        router.post("/collected") { _ in .text("never") }
        router.post("/blocking", .blocking, body: .stream) { request in
            do {
                while let chunk = try request.body.nextChunk() { count(chunk) }
            } catch {
                events.add("\(error)")
                throw error
            }
            return .text("never")
        }
        for path in ["/inline", "/async", "/chunked"] {
            router.post(path, body: .stream) { request in
                let chunks = request.body.chunks
                do {
                    for try await chunk in chunks { count(chunk) }
                } catch {
                    events.add("\(error)")
                    throw error
                }
                return .text("never")
            }
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            let length = path == "/chunked" ? "Transfer-Encoding: chunked" : "Content-Length: 10"
            let body = path == "/chunked" ? "a\r\nhello" : "hello"
            let rest = path == "/head" ? "" : "\(length)\r\n\r\n\(body)"
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(rest)")
            let isStreamed = path != "/head" && path != "/collected"
            if isStreamed { try events.wait(for: "read") }
            client.finish()
            #expect(try client.readToEnd() == [])
            if isStreamed { try events.wait(for: "\(StreamError.disconnected)") }
        }
    }

    @Test("get all of a response that is written with pauses", arguments: DriverKind.allCases, ["/async", "/blocking"])
    func pauses(driver: DriverKind, path: String) async throws {
        var router = Router()
        router.get("/async") { _ in
            .stream { writer in
                for number in 0..<10 {
                    try await writer.write("<\(number)>")
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
        router.get("/blocking", .blocking) { _ in
            .blockingStream { writer in
                for number in 0..<10 {
                    try writer.write("<\(number)>")
                    try writer.flush()
                    usleep(20_000)
                }
            }
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("GET \(path) HTTP/1.0\r\n\r\n")
            _ = try client.read(through: "<3>")
            // In the middle of the response.
            client.finish()
            #expect(try client.readToEnd() == Array("<4><5><6><7><8><9>".utf8))
        }
    }
}
