import Glibc
import HyperServe
import TestSupport
import Testing

/// Streams by the kind of handler that responds with them.
@Suite("An async stream")
struct StreamOriginTests {
    private static func router(_ events: Events) -> Router {
        var router = Router()
        let respond = { @Sendable (handlerThread: String) in
            Response.stream(contentType: .plainText, trailers: ["Sum"]) { writer in
                defer { events.add("ended") }
                try await writer.write("\(handlerThread) \(threadName())")
                try await Task.sleep(for: .milliseconds(2))
                try await writer.write(" \(threadName())")
                writer.trailers["Sum"] = "2"
            }
        }
        router.get("/inline") { _ in respond(threadName()) }
        router.get("/async") { _ async in respond(threadName()) }
        router.get("/blocking", .blocking) { _ in respond(threadName()) }
        router.post("/echo", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            let first = try chunks.nextChunk() ?? []
            return .stream { writer in
                try await writer.write(first)
                for try await chunk in chunks { try await writer.write(chunk) }
            }
        }
        router.get("/large", .blocking) { _ in
            .stream(contentLength: 4_000_000) { writer in
                for _ in 0..<40 { try await writer.write([UInt8](repeating: 0x61, count: 100_000)) }
            }
        }
        router.get("/endless", .blocking) { _ in
            .stream { writer in
                try await writer.write("begun")
                do {
                    try await Task.sleep(for: .seconds(1000))
                } catch {
                    events.add("cancelled")
                    throw error
                }
            }
        }
        router.get("/late", .blocking) { _ in
            events.add("called")
            try events.wait(for: "go")
            return .stream { _ in events.add("produced") }
        }
        router.get("/fails", .blocking) { _ in .stream { _ in throw HTTPError(.badRequest) } }
        router.get("/invalid", .blocking) { _ in .stream(contentLength: -1) { _ in } }
        return router
    }

    @Test(
        "may come from a handler of any kind, and runs on the reactor", arguments: DriverKind.allCases,
        ["inline", "async", "blocking"])
    func places(driver: DriverKind, kind: String) async throws {
        try await withServer(driver, Self.router(Events())) { port in
            let client = RawClient(port: port)
            let handler = kind == "blocking" ? "hs-block" : "hs-reactor-0"
            for _ in 0..<20 {
                let response = try client.get("/\(kind)")
                #expect(response.text == "\(handler) hs-reactor-0 hs-reactor-0")
                #expect(response.trailers == ["sum": "2"])
            }
        }
    }

    @Test(
        "of a blocking handler may be large, fail, be invalid and be the response to HEAD",
        arguments: DriverKind.allCases)
    func variants(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in configuration.log = ClosureLog { events.add($0) } }
        try await withServer(driver, Self.router(events), configure: configure) { port in
            let client = RawClient(port: port)
            #expect(try client.get("/large").body.count == 4_000_000)
            #expect(try client.get("/invalid").status == 500)
            try client.send("HEAD /blocking HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse(toHead: true).headers["transfer-encoding"] == "chunked")
            #expect(!events.has("ended"), "the closure is not called for HEAD")
            #expect(try client.get("/blocking").status == 200, "the connection continues")
            #expect(throws: RawClient.Failure.noResponse) { try client.get("/fails") }
        }
        #expect(events.all.contains { $0.hasPrefix("error GET /fails: a streamed response was aborted: ") })
    }

    @Test("of a blocking handler continues with the body where the handler stopped", arguments: DriverKind.allCases)
    func echo(driver: DriverKind) async throws {
        try await withServer(driver, Self.router(Events())) { port in
            let body = (0..<1 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            let client = RawClient(port: port)
            let sender = client.sending(
                Array("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
            let response = try client.readResponse()
            #expect(response.body == body)
            sender.wait()
        }
    }

    @Test("of a blocking handler is cancelled when its client disconnects", arguments: DriverKind.allCases)
    func disconnect(driver: DriverKind) async throws {
        let events = Events()
        try await withServer(driver, Self.router(events)) { port in
            let client = RawClient(port: port)
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "begun")
            client.reset()
            try events.wait(for: "cancelled")
        }
    }

    @Test("of a blocking handler does not begin for a client that has left", arguments: DriverKind.allCases)
    func late(driver: DriverKind) async throws {
        let events = Events()
        var router = Self.router(events)
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        router.use(log)
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "called")
            client.reset()
            // Served after the reset was.
            #expect(try RawClient(port: port).get("/inline").status == 200)
            events.add("go")
        }
        #expect(!events.has("produced"))
        try await lines.wait(for: 2, of: log)
        #expect(lines.all.contains { $0.contains("\"GET /late HTTP/1.1\" 499") }, "\(lines.all)")
    }

    @Test("of a blocking handler ends with its server", arguments: DriverKind.allCases)
    func stop(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.shutdownTimeout = .milliseconds(100)
        }
        try await withServer(driver, Self.router(events), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "begun")
        }
        #expect(events.has("cancelled"))
    }

    @Test(
        "is what a handler that is not blocking responds with: a blocking one becomes a 500, and the log says why",
        arguments: DriverKind.allCases, ["inline", "async"])
    func wrongKind(driver: DriverKind, kind: String) async throws {
        let events = Events()
        var router = Router()
        router.get("/inline") { _ in .blockingStream { writer in try writer.write("a") } }
        router.get("/async") { _ async in .blockingStream { writer in try writer.write("a") } }
        let configure = { (configuration: inout ServerConfiguration) in configuration.log = ClosureLog { events.add($0) } }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port)
            let response = try client.get("/\(kind)")
            #expect(response.status == 500)
        }
        #expect(
            events.all == [
                "error GET /\(kind): blockingStream needs a route that is .blocking: mark it so, or respond with "
                    + "stream and await writes"
            ])
    }
}
