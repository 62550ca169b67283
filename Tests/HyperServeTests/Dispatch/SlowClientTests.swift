import Glibc
import HyperServe
import TestSupport
import Testing

@Suite("Clients that keep a blocking handler waiting", .timeLimit(.minutes(20)))
struct SlowClientTests {
    private static let piece = [UInt8](repeating: 0x61, count: 16 * 1024)
    private static let pieceCount = 2_048

    /// Sends its request through an async middleware that waits in front of a blocking handler.
    private struct Holding: AsyncMiddleware {
        let events: Events

        nonisolated(nonsending) func handle(
            _ request: borrowing Request, context: inout RequestContext, next: Next
        ) async throws -> Response {
            events.count()
            while !events.has("released") { try await Task.sleep(for: .milliseconds(5)) }
            return try await next(request, &context)
        }
    }

    /// - Parameter written: counts the pieces of all downloads.
    private static func router(_ events: Events, written: Events = Events()) -> Router {
        var router = limitRoutes(events)
        // More than the sockets' buffers take.
        router.get("/download", .blocking) { _ in
            events.count()
            return .blockingStream { writer in
                for _ in 0..<pieceCount {
                    try writer.write(piece)
                    written.count()
                }
            }
        }
        router.post("/upload", .blocking, body: .stream) { request in
            events.count()
            var count = 0
            while let chunk = try request.body.nextChunk() { count += chunk.count }
            return .text("\(count)")
        }
        router.get("/middleware", .blocking, with: [Holding(events: events)]) { _ in .text("held") }
        return router
    }

    private static let requests: [(name: String, request: String)] = [
        ("download", "GET /download HTTP/1.1\r\nHost: a\r\n\r\n"),
        ("upload", "POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nsome"),
        ("middleware", "GET /middleware HTTP/1.1\r\nHost: a\r\n\r\n"),
    ]

    /// Connects, and begins a request that the client does not let end.
    private static func begin(_ request: String, _ port: Int) throws -> RawClient {
        let client = RawClient(port: port, receiveBufferByteCount: 16 * 1024)
        try client.send(request)
        return client
    }

    @Test(
        "don't keep blocking routes waiting, however many they are", arguments: DriverKind.allCases,
        requests.map(\.name))
    func many(driver: DriverKind, name: String) async throws {
        let request = Self.requests.first { $0.name == name }!.request
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in configuration.blockingThreads = 1...2 }
        try await withServer(driver, Self.router(events), configure: configure) { port in
            let clients = try (0..<20).map { _ in try Self.begin(request, port) }
            try wait { events.counted == 20 }
            for _ in 0..<50 { #expect(try RawClient(port: port).get("/brief").text == "brief") }
            events.add("released")
            switch name {
            case "upload":
                for client in clients {
                    try client.send([UInt8](repeating: 0x61, count: 996))
                    #expect(try client.readResponse().text == "1000")
                }
            case "middleware": for client in clients { #expect(try client.readResponse().text == "held") }
            default: for client in clients { client.reset() }
            }
        }
    }

    @Test(
        "occupy the threads when as many wait as is allowed: the next request gets 503, and the log names the limit",
        arguments: DriverKind.allCases, [0, 2])
    func bound(driver: DriverKind, waiting: Int) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...1
            configuration.maximumWaitingBlockingThreads = waiting
            // Long enough for the first download to fill its socket and wait.
            configuration.maximumBlockingWait = .seconds(Sanitizer.current == nil ? 1 : 5)
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, Self.router(events), configure: configure) { port in
            let clients = try (1...waiting + 1).map { number in
                let client = try Self.begin(Self.requests[0].request, port)
                try wait { events.counted == number }
                return client
            }
            let client = RawClient(port: port)
            for _ in 0..<2 {
                let refused = try client.get("/brief")
                #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
                #expect(refused.headers["connection"] != "close", "the connection persists")
            }
            let reports = events.all.filter { $0.contains("maximumBlockingWait") }
            #expect(reports.count == 1)
            let cause = "of 1 threads, 1 wait for clients (maximumWaitingBlockingThreads allows \(waiting) more)"
            #expect(reports.first?.hasSuffix(cause) == true)
            clients[0].reset()
            try wait { (try? client.get("/brief").text) == "brief" }
            for client in clients { client.reset() }
        }
    }

    @Test("a slow download is complete in the end", arguments: DriverKind.allCases)
    func complete(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in configuration.blockingThreads = 1...1 }
        try await withServer(driver, Self.router(events), configure: configure) { port in
            // With large buffers, as the whole of it is read.
            let clients = (0..<3).map { _ in RawClient(port: port) }
            for client in clients { try client.send(Self.requests[0].request) }
            try wait { events.counted == 3 }
            #expect(try RawClient(port: port).get("/brief").text == "brief")
            for client in clients {
                #expect(try client.readResponse().body.count == Self.pieceCount * Self.piece.count)
            }
        }
    }

    @Test("24 of them leave a blocking route as quick as it was", arguments: DriverKind.allCases)
    func twentyFour(driver: DriverKind) async throws {
        let events = Events()
        let written = Events()
        try await withServer(driver, Self.router(events, written: written)) { port in
            let measured = RawClient(port: port)
            let alone = try Self.latency(of: measured)
            // Each reads 5 KB a second.
            let readers = inBackground {
                let clients = (0..<24).compactMap { _ in try? Self.begin(Self.requests[0].request, port) }
                while !events.has("over") {
                    for client in clients { _ = try? client.read(500) }
                    usleep(100_000)
                }
                for client in clients { client.reset() }
            }
            defer {
                events.add("over")
                readers.wait()
            }
            try wait { events.counted == 24 }
            // Until the buffers of all sockets are full, the handlers are not waiting.
            var before = -1_000
            while written.counted - before > 100 {
                before = written.counted
                usleep(500_000)
            }
            let beside = try Self.latency(of: measured)
            // Three times is aimed at, but hundreds of tests share the machine. Without a thread of their own, the
            // requests would wait for five minutes.
            #expect(beside < max(alone * 20, .seconds(30)), "alone \(alone)")
        }
    }

    /// The 99th percentile of the times of requests to a blocking route.
    private static func latency(of client: RawClient) throws -> Duration {
        var times: [Duration] = []
        for _ in 0..<500 {
            let start = ContinuousClock.now
            #expect(try client.get("/brief").text == "brief")
            times.append(.now - start)
        }
        return times.sorted()[494]
    }
}

/// Blocks until a condition is true, for a minute at most.
private func wait(until condition: () -> Bool) throws {
    struct TooLate: Error {}
    for _ in 0..<12_000 {
        if condition() { return }
        usleep(5_000)
    }
    throw TooLate()
}
