import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import TestSupport
import Testing

/// Requests whose handler outlives the request, or is never called.
@Suite("Log lines of requests that end before their handler", .timeLimit(.minutes(20)))
struct AccessLogEndingTests {
    @Test("A blocking stream has the bytes that the connection accepted, like an async one")
    func brokenStream() async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let events = Events()
        var router = Router()
        router.use(log)
        router.get("/", .blocking) { _ in
            .blockingStream(contentLength: 10_000) { writer in
                try writer.write("a")
                try writer.flush()
                events.add("begun")
                try? events.wait(for: "left")
                try writer.write(String(repeating: "b", count: 9_999))
            }
        }
        let client = try TestClient(router: router)
        let reading = try await client.begin(.get, "/")
        #expect(try await reading.nextChunk() == Array("a".utf8))
        reading.disconnect()
        // After the disconnect, since the actions of clients take effect in order.
        _ = try await client.get("/nowhere")
        events.add("left")
        try await lines.wait(for: 2, of: log)
        #expect(lines.all.map { String($0.suffix(5)) }.contains("200 1"))
    }

    @Test("Requests that wait for a thread when the server stops have a line, like those that are cancelled")
    func discarded() async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let events = Events()
        let isReleased = Atomic<Bool>(false)
        var router = Router()
        router.use(log)
        router.get("/", .blocking) { _ in
            events.add("begun")
            while !isReleased.load(ordering: .acquiring) { usleep(1000) }
            return .text("late")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.blockingThreads = 1...1
        configuration.maximumBlockingWait = .seconds(300)
        configuration.shutdownTimeout = .milliseconds(200)
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let port = try #require(server.port)
        try await onOwnThread {
            let clients = (0..<3).map { _ in RawClient(port: port) }
            for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            try events.wait(for: "begun")
            // There is no event for the other two being in the queue.
            while server.statistics[0].requests < 3 { usleep(1000) }
            server.stop()
        }
        isReleased.store(true, ordering: .releasing)
        try await lines.wait(for: 3, of: log)
        #expect(lines.all.map { String($0.suffix(5)) } == Array(repeating: "444 0", count: 3))
    }

    @Test("Requests that a stop cuts off have 444, and the server's log their number", arguments: DriverKind.allCases)
    func cutOff(driver: DriverKind) async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        let events = Events()
        let statuses = Events()
        var router = Router()
        router.use(log)
        router.use(RequestMetrics { statuses.add("\($0.status.code)") })
        router.get("/async") { _ in
            events.add("begun")
            try? await Task.sleep(for: .seconds(1000))
            return .text("late")
        }
        router.post("/collected") { _ in .text("never") }
        // Kept until the server has stopped.
        let uploading = Mutex<RawClient?>(nil)
        try await withServer(driver, router) {
            $0.shutdownTimeout = .milliseconds(100)
            $0.log = ClosureLog { events.add("\($0.message): \($0.fields["count"]?.description ?? "")") }
        } _: { port in
            #expect(try RawClient(port: port).get("/none").status == 404)
            let client = RawClient(port: port)
            try uploading.withLock {
                $0 = RawClient(port: port)
                try $0?.send("POST /collected HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\npart")
            }
            try client.send("GET /async HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
        }
        uploading.withLock { $0 = nil }
        try await lines.wait(for: 2, of: log)
        #expect(lines.all.map { String($0.suffix(5)) }.last == "444 0")
        #expect(statuses.all == ["404", "444"])
        #expect(events.has("requests in progress when the time for stopping was over were cut off: 2"), "\(events.all)")
    }

    @Test("An error that a handler throws after its timeout is reported, but its cancellation is not")
    func lateErrors() async throws {
        struct DatabaseIsCorrupt: Error {}
        let events = Events()
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        var router = Router()
        router.use(log)
        router.use(Timeout(.seconds(1)))
        router.get("/async") { _ in
            try? await Task.sleep(for: .seconds(1000))
            throw DatabaseIsCorrupt()
        }
        router.get("/cancelled") { _ in
            try await Task.sleep(for: .seconds(1000))
            return .text("never")
        }
        router.get("/chosen") { _ in
            try? await Task.sleep(for: .seconds(1000))
            throw HTTPError(.badGateway)
        }
        router.group("/mapped") { mapped in
            mapped.use(ErrorMapping { _ in .text("", status: .badGateway) })
            mapped.get("") { _ in
                try? await Task.sleep(for: .seconds(1000))
                throw DatabaseIsCorrupt()
            }
            mapped.get("/cancelled") { _ in
                try await Task.sleep(for: .seconds(1000))
                return .text("never")
            }
        }
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { events.add($0) }
        let client = try TestClient(router: router, configuration: configuration)
        let paths = ["/cancelled", "/mapped/cancelled", "/async", "/mapped", "/chosen"]
        for path in paths {
            let exchange = try await client.begin(.get, path)
            await client.advance(by: .seconds(2))
            #expect(try await exchange.response().status == .serviceUnavailable)
        }
        try await lines.wait(for: paths.count, of: log)
        let reports = events.all.filter { $0.contains("threw") }.sorted()
        let late = "a handler or middleware threw an error after its request was over: "
        try #require(reports.count == 3)
        #expect(reports[0] == "warning GET /async: \(late)DatabaseIsCorrupt()")
        #expect(reports[1].hasPrefix("warning GET /chosen: \(late)HTTPError("))
        #expect(reports[2] == "warning GET /mapped: \(late)DatabaseIsCorrupt()")
    }
}
