import HyperServe
import TestSupport
import Testing

@Suite("Requests when every thread runs a handler", .timeLimit(.minutes(20)))
struct StarvationTests {
    @Test(
        "get 503 with Retry-After in time, their handler is never called, and the log names the cause once",
        arguments: DriverKind.allCases)
    func starved(driver: DriverKind) async throws {
        let events = Events()
        var router = limitRoutes(events)
        router.get("/counted", .blocking) { _ in
            events.count()
            return .text("counted")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...2
            configuration.maximumBlockingWait = .milliseconds(500)
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            let holders = (0..<2).map { _ in RawClient(port: port) }
            for holder in holders { try holder.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n") }
            while events.all.count(where: { $0 == "begun" }) < 2 { try events.wait(for: "begun") }
            let clients = (0..<5).map { _ in RawClient(port: port) }
            for _ in 0..<2 {
                let start = ContinuousClock.now
                for client in clients { try client.send("GET /counted HTTP/1.1\r\nHost: a\r\n\r\n") }
                for client in clients {
                    let refused = try client.readResponse()
                    #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
                    #expect(refused.headers["connection"] != "close", "the connection persists")
                }
                let wait = ContinuousClock.now - start
                #expect(wait > .milliseconds(400) && wait < .seconds(Sanitizer.current == nil ? 1 : 10))
            }
            #expect(try clients[0].get("/").text == "ok", "inline routes are served")
            events.add("released")
            for holder in holders { #expect(try holder.readResponse().text == "held") }
            #expect(events.counted == 0)
            #expect(try clients[0].get("/counted").text == "counted")
            #expect(events.counted == 1)
            let reports = events.all.filter { $0.hasPrefix("warning: 503") }
            #expect(reports.count == 1)
            #expect(reports.first?.contains("(maximumBlockingWait)") == true)
            #expect(reports.first?.hasSuffix("of 2 threads, 2 run handlers (blockingThreads allows 2)") == true)
        }
    }

    @Test(
        "get 503 at once when as many wait as may, on routes and in async code, and the log names the cause once",
        arguments: DriverKind.allCases, ["/brief", "/run"])
    func full(driver: DriverKind, path: String) async throws {
        let events = Events()
        var router = limitRoutes(events)
        router.get("/run") { request async throws in .text(try await request.runBlocking { "brief" }) }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 1
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            let holder = RawClient(port: port)
            try holder.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            let waiting = RawClient(port: port)
            try waiting.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            try RawClient(port: port).expectService()
            let client = RawClient(port: port)
            for _ in 0..<5 {
                let refused = try client.get(path)
                #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
            }
            events.add("released")
            #expect(try holder.readResponse().text == "held")
            #expect(try waiting.readResponse().text == "brief")
        }
        let report =
            "warning: 503 to requests, as 1 wait for a thread (maximumBlockingQueue): of 1 threads, "
            + "1 run handlers (blockingThreads allows 1)"
        #expect(events.all.filter { $0.hasPrefix("warning: ") } == [report])
    }

    /// Sets a response that a thread has to write while its client reads.
    private struct Streaming: RefusalFilter {
        func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            response = .blockingStream { writer in
                for _ in 0..<200 { try writer.write([UInt8](repeating: 0x61, count: 100_000)) }
            }
        }
    }

    @Test(
        "get 500 if a RefusalFilter sets a response that needs a thread, and the log says why: nobody holds others up",
        arguments: DriverKind.allCases, [1, 100])
    func blockingRefusal(driver: DriverKind, queue: Int) async throws {
        let events = Events()
        var router = Router()
        router.use(Streaming())
        router.get("/{rest...}") { _ in .text("ok") }
        router.get("/brief", .blocking) { _ in .text("brief") }
        router.get("/held", .blocking) { _ in
            events.add("begun")
            try events.wait(for: "released")
            return .text("held")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = queue
            configuration.maximumBlockingWait = .milliseconds(300)
            configuration.log = ClosureLog(level: .error) { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            let holder = RawClient(port: port)
            try holder.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            let clients = (0..<3).map { _ in RawClient(port: port, receiveBufferByteCount: 16 * 1024) }
            for client in clients { try client.send("GET /brief HTTP/1.1\r\nHost: a\r\n\r\n") }
            // The first one reads last.
            for client in clients.reversed() { #expect(try client.readResponse().status == 500) }
            for client in clients { try client.expectService() }
            events.add("released")
            #expect(try holder.readResponse().text == "held")
        }
        let line =
            "error GET /brief: a RefusalFilter set a blockingStream, which has no thread: respond with stream and "
            + "await writes"
        #expect(events.all.filter { $0.hasPrefix("error") } == Array(repeating: line, count: 3))
    }

    @Test("are served if a thread is free before the time is over", arguments: DriverKind.allCases)
    func inTime(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in configuration.blockingThreads = 1...1 }
        try await withServer(driver, limitRoutes(events), configure: configure) { port in
            let clients = (0..<4).map { _ in RawClient(port: port) }
            try clients[0].send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            for client in clients[1...] { try client.send("GET /brief HTTP/1.1\r\nHost: a\r\n\r\n") }
            events.add("released")
            #expect(try clients[0].readResponse().text == "held")
            for client in clients[1...] { #expect(try client.readResponse().text == "brief") }
        }
    }
}
