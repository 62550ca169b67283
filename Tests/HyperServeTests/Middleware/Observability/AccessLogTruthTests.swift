import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import TestSupport
import Testing

/// A line has what was sent, which may differ from the handler's response.
@Suite("Statuses and sizes in the access log", .timeLimit(.minutes(20)))
struct AccessLogTruthTests {
    /// Serves requests with a log, and returns the end of each line: status and bytes.
    private static func log(
        _ configure: (inout Router, inout ServerConfiguration) -> Void, requests: (TestClient) async throws -> Void
    ) async throws -> [String] {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        var router = Router()
        router.use(log)
        var configuration = ServerConfiguration()
        configuration.maximumBlockingWait = .seconds(300)
        configure(&router, &configuration)
        try await requests(TestClient(router: router, configuration: configuration))
        log.flush()
        return lines.all.map { String($0.split(separator: "\"").last?.dropFirst() ?? "") }
    }

    @Test(
        "A response with an invalid field is a 500, in the log and for the client, and is reported"
    )
    func invalidField() async throws {
        let events = Events()
        let ends = try await Self.log { router, configuration in
            configuration.log = ClosureLog { events.add($0) }
            router.get("/inline") { _ in .redirect(to: "/a\r\nSet-Cookie: b=c") }
            router.get("/async") { _ async in .redirect(to: "/a\r\nSet-Cookie: b=c") }
            router.get("/blocking", .blocking) { _ in .redirect(to: "/a\r\nSet-Cookie: b=c") }
            router.get("/stream") { _ in .stream(headers: ["X-A": "\n"]) { _ in } }
        } requests: { client in
            for path in ["/inline", "/async", "/blocking", "/stream"] {
                let response = try await client.get(path)
                #expect(response.status == .internalServerError)
            }
        }
        #expect(ends == Array(repeating: "500 0", count: 4))
        #expect(events.all.count == 4)
        #expect(
            events.all.first == "error GET /inline: the header field Location of the handler's response is not valid")
    }

    @Test("Responses without a body have 0 bytes: HEAD, 204, 304")
    func withoutBody() async throws {
        let ends = try await Self.log { router, _ in
            router.get("/text") { _ in .text("hello") }
            router.get("/stream") { _ in .stream { try await $0.write("hello") } }
            router.get("/204") { _ in Response(status: .noContent, body: .text("hello")) }
            router.get("/304") { _ in Response(status: .notModified, body: .text("hello")) }
        } requests: { client in
            for path in ["/text", "/stream"] { _ = try await client.head(path) }
            for path in ["/204", "/304", "/text", "/stream"] { _ = try await client.get(path) }
        }
        #expect(ends == ["200 0", "200 0", "204 0", "304 0", "200 5", "200 5"])
    }

    @Test("A handler that exceeds its timeout has 503, whether it is async, blocking or waiting for a thread")
    func timeout() async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let isReleased = Atomic<Bool>(false)
        var router = Router()
        router.use(log)
        router.use(Timeout(.seconds(1)))
        router.get("/async") { _ in
            try await Task.sleep(for: .seconds(1000))
            return .text("never")
        }
        router.get("/stubborn") { _ async in
            try? await Task.sleep(for: .seconds(1000))
            return .text("never")
        }
        router.get("/blocking", .blocking) { _ in
            while !isReleased.load(ordering: .acquiring) { usleep(1000) }
            return .text("never")
        }
        var configuration = ServerConfiguration()
        configuration.blockingThreads = 1...1
        configuration.maximumBlockingWait = .seconds(300)
        let client = try TestClient(router: router, configuration: configuration)
        for path in ["/async", "/stubborn", "/blocking", "/blocking"] {
            let exchange = try await client.begin(.get, path)
            // After the request, since the actions of clients take effect in order.
            await client.advance(by: .seconds(2))
            #expect(try await exchange.response().status == .serviceUnavailable)
        }
        isReleased.store(true, ordering: .releasing)
        try await lines.wait(for: 4, of: log)
        #expect(lines.all.map { String($0.suffix(5)) } == Array(repeating: "503 -", count: 4))
    }

    @Test("A client that disconnects before its response has 499, and one that disconnects later what was sent")
    func leaving() async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let events = Events()
        var router = Router()
        router.use(log)
        router.get("/async") { _ in
            events.add("begun")
            try await Task.sleep(for: .seconds(1000))
            return .text("never")
        }
        router.get("/stream") { _ in
            .stream { writer in
                try await writer.write("hello")
                try await Task.sleep(for: .seconds(1000))
            }
        }
        let client = try TestClient(router: router)
        let waiting = try await client.begin(.get, "/async")
        try events.wait(for: "begun")
        waiting.disconnect()
        try await lines.wait(for: 1, of: log)
        let reading = try await client.begin(.get, "/stream")
        #expect(try await reading.nextChunk() == Array("hello".utf8))
        reading.disconnect()
        try await lines.wait(for: 2, of: log)
        #expect(lines.all.map { String($0.suffix(5)) } == ["499 0", "200 5"])
    }

    @Test("A body that cannot be read to its end has the status that the connection sent", arguments: [false, true])
    func refusedBody(isBlocking: Bool) async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let events = Events()
        var router = Router()
        router.use(log)
        router.post("/async", body: .stream(upTo: 10)) { request in
            events.add("begun \(request.query.string)")
            for try await _ in request.body.chunks {}
            return .text("all of it")
        }
        router.post("/blocking", .blocking, body: .stream(upTo: 10)) { request in
            events.add("begun \(request.query.string)")
            while try request.body.nextChunk() != nil {}
            return .text("all of it")
        }
        let client = try TestClient(router: router)
        for (number, rest, status) in [(1, "x\r\n", 400), (2, "b\r\nhello world\r\n", 413)] as [(Int, String, UInt16)] {
            let connection = try client.connect()
            try await connection.send(
                "POST /\(isBlocking ? "blocking" : "async")?\(number) HTTP/1.1\r\nHost: a\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n")
            try events.wait(for: "begun \(number)")
            try await connection.send(rest)
            #expect(try await connection.readResponse().status.code == status)
            try await lines.wait(for: number, of: log)
        }
        #expect(lines.all.map { String($0.suffix(5)) } == ["400 -", "413 -"])
    }

    @Test("A client that has sent FIN gets its response, and a line for it")
    func halfClosed() async throws {
        let events = Events()
        let ends = try await Self.log { router, _ in
            router.get("/async") { _ in
                events.add("begun")
                try await Task.sleep(for: .milliseconds(20))
                return .text("hello")
            }
        } requests: { client in
            let connection = try client.connect()
            try await connection.send("GET /async HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            connection.finish()
            #expect(try await connection.readResponse().text == "hello")
        }
        #expect(ends == ["200 5"])
    }

    @Test("The 503 of a full pool is logged, and has the fields of middlewares that add them")
    func fullPool() async throws {
        let events = Events()
        let isReleased = Atomic<Bool>(false)
        let measured = Mutex<[UInt16]>([])
        let ends = try await Self.log { router, configuration in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 1
            router.use(RequestMetrics { measurement in measured.withLock { $0.append(measurement.status.code) } })
            router.use(CORS(origins: .only(["https://example.com"])))
            router.use(SecurityHeaders())
            router.use(RequestIDs())
            router.get("/", .blocking) { _ in
                events.add("begun")
                while !isReleased.load(ordering: .acquiring) { usleep(1000) }
                return .text("slow")
            }
        } requests: { client in
            let first = try await client.begin(.get, "/")
            try events.wait(for: "begun")
            var others: [TestExchange] = []
            var refused: TestResponse?
            // A queue may have room for more than its capacity.
            while refused == nil {
                let exchange = try await client.begin(.get, "/", headers: ["Origin": "https://example.com"])
                if try await exchange.hasResponse() {
                    refused = try await exchange.response()
                } else {
                    others.append(exchange)
                }
            }
            let response = try #require(refused)
            #expect(response.status == .serviceUnavailable && response.headers["Retry-After"] == "1")
            #expect(response.headers["Access-Control-Allow-Origin"] == "https://example.com")
            #expect(response.headers["X-Frame-Options"] == "DENY" && response.headers["X-Request-Id"]?.utf8.count == 13)
            isReleased.store(true, ordering: .releasing)
            #expect(try await first.response().text == "slow")
            for other in others { #expect(try await other.response().text == "slow") }
        }
        #expect(ends.first == "503 20" && ends.dropFirst().allSatisfy { $0 == "200 4" })
        #expect(measured.withLock { $0 }.first == 503)
    }
}

extension TestExchange {
    /// Whether the response begins shortly.
    fileprivate func hasResponse() async throws -> Bool {
        let status = Task { try await self.status() }
        try await Task.sleep(for: .milliseconds(20))
        status.cancel()
        return (try? await status.value) != nil
    }
}
