import HyperServe
import HyperServeTesting
import Testing

@Suite("Time passes when the test says so", .timeLimit(.minutes(20)))
struct ClockTests {
    @Test("a head that is not complete in time gets 408")
    func headTimeout() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        try await connection.send("POST /inline HTTP/1.1\r\n")
        await client.advance(by: .seconds(9))
        #expect(!connection.isClosed)
        await client.advance(by: .seconds(2))
        #expect(try await connection.readResponse().status == .requestTimeout)
        #expect(connection.isClosed)
    }

    @Test("an idle connection is closed after its timeout, which each request restarts")
    func idleTimeout() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        for _ in 0..<3 {
            await client.advance(by: .seconds(59))
            #expect(!connection.isClosed)
            try await connection.send("POST /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.readResponse().status == .ok)
        }
        await client.advance(by: .seconds(61))
        #expect(connection.isClosed)
    }

    @Test("a handler that takes too long is cancelled, and the client gets 503")
    func handlerTimeout() async throws {
        let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
        var router = Router()
        router.get("/") { _ async throws in
            defer { continuation.finish() }
            try await Task.sleep(for: .seconds(3600))
            return .text("never")
        }
        let client = try TestClient(router: router)
        let exchange = try await client.begin(.get, "/")
        await client.advance(by: .seconds(61))
        #expect(try await exchange.status() == .serviceUnavailable)
        for await _ in cancelled {}
    }

    @Test("a client that does not read its response is disconnected")
    func slowReader() async throws {
        var router = Router()
        router.get("/") { _ in .bytes([UInt8](repeating: 1, count: 1_000_000)) }
        let client = try TestClient(router: router)
        let exchange = try await client.begin(.get, "/")
        #expect(try await exchange.status() == .ok)
        await client.advance(by: .seconds(3600))
        await #expect(throws: TestError.connectionClosed) { try await exchange.response() }
    }

    @Test("a body that arrives too slowly gets 408, one at the minimum rate does not")
    func slowBody() async throws {
        let client = try TestClient(router: .ofEveryMode)
        for (rate, status) in [(600, Status.ok), (100, .requestTimeout)] {
            let connection = try client.connect()
            try await connection.send("POST /inline HTTP/1.1\r\nHost: a\r\nContent-Length: 36000\r\n\r\n")
            for _ in 0..<36000 / rate where !connection.isClosed {
                await client.advance(by: .seconds(1))
                try? await connection.send([UInt8](repeating: 1, count: rate))
            }
            #expect(try await connection.readResponse().status == status)
        }
    }

    @Test("a client that a rate limit has rejected is allowed again after a minute")
    func rateLimit() async throws {
        var router = Router()
        router.use(RateLimit(1, per: .seconds(60)))
        router.get("/") { _ in .text("") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").status == .ok)
        #expect(try await client.get("/").status == .tooManyRequests)
        await client.advance(by: .seconds(59))
        #expect(try await client.get("/").headers["Retry-After"] == "1")
        await client.advance(by: .seconds(1))
        #expect(try await client.get("/").status == .ok)
    }

    @Test("responses are dated by the clock, and handlers can read it", arguments: ["inline", "async", "blocking"])
    func dates(mode: String) async throws {
        var router = Router()
        router.get("/inline") { _, context in .text("\(context.unixSeconds)") }
        router.get("/async") { _, context async throws in .text("\(context.unixSeconds)") }
        router.get("/blocking", .blocking) { _, context in .text("\(context.unixSeconds)") }
        let client = try TestClient(router: router)
        let before = try await client.get("/\(mode)")
        #expect(try await client.get("/\(mode)").text == before.text)
        // Whole days later, so that the time of day is the same.
        await client.advance(by: .seconds(30 * 86_400))
        let after = try await client.get("/\(mode)")
        #expect(try #require(Int(after.text)) - #require(Int(before.text)) == 30 * 86_400)
        let dates = try [before, after].map { try #require($0.headers["Date"]) }
        #expect(dates[0] != dates[1] && dates[0].suffix(12) == dates[1].suffix(12))
    }

    @Test("durations are measured by the clock")
    func durations() async throws {
        let (durations, continuation) = AsyncStream.makeStream(of: Duration.self)
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        var router = Router()
        router.use(RequestMetrics { continuation.yield($0.duration) })
        router.get("/") { _ async throws in
            start.finish()
            for await _ in gate {}
            return .text("")
        }
        let client = try TestClient(router: router)
        let exchange = try await client.begin(.get, "/")
        for await _ in started {}
        await client.advance(by: .seconds(5))
        open.finish()
        #expect(try await exchange.status() == .ok)
        var measured = durations.makeAsyncIterator()
        #expect(await measured.next() == .seconds(5))
    }

    @Test("real time makes no difference")
    func standsStill() async throws {
        var configuration = ServerConfiguration()
        configuration.headTimeout = .milliseconds(1)
        let client = try TestClient(router: .ofEveryMode, configuration: configuration)
        let connection = try client.connect()
        try await connection.send("POST /inline HTTP/1.1\r\n")
        try await Task.sleep(for: .milliseconds(300))
        try await connection.send("Host: a\r\n\r\n")
        #expect(try await connection.readResponse().status == .ok)
    }

    @Test("no duration is too long, and a negative one has no effect")
    func extremes() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        await client.advance(by: .zero - .seconds(Int64.max) * 10)
        #expect(!connection.isClosed)
        for duration in [.seconds(1_000_000_000), .seconds(Int64.max), .seconds(Int64.max) * 10] as [Duration] {
            await client.advance(by: duration)
            #expect(connection.isClosed)
            #expect(try await client.post("/inline").status == .ok)
        }
    }

    @Test("a day passes in a moment")
    func longTimes() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        await client.advance(by: .seconds(86_400))
        #expect(connection.isClosed)
        #expect(try await client.post("/inline").status == .ok)
    }
}
