import Glibc
import HyperServe
import HyperServeTesting
import Platform
import TestSupport
import Testing

@Suite("A closure that async code runs on the pool", .timeLimit(.minutes(20)))
struct RunBlockingTests {
    private struct Failure: Error {}

    /// Runs a closure before the handler.
    private struct Blocking: AsyncMiddleware {
        nonisolated(nonsending) func handle(
            _ request: borrowing Request, context: inout RequestContext, next: Next
        ) async throws -> Response {
            let before = callingThread()
            context.principal = try await request.runBlocking { threadName() }
            let isBack = callingThread() == before
            var response = try await next(request, &context)
            response.headers["X-Back"] = "\(isBack)"
            return response
        }
    }

    private static var router: Router {
        var router = Router()
        router.get("/thread") { request async throws in
            let before = callingThread()
            let during = try await request.runBlocking { threadName() }
            let first = callingThread() == before
            _ = try? await request.runBlocking { () throws -> Int in throw Failure() }
            return .text("\(during) \(first) \(callingThread() == before)")
        }
        router.get("/error") { request async throws in
            try await request.runBlocking { () throws -> Response in throw HTTPError(.conflict, "taken") }
        }
        router.group("/middleware") { group in
            group.use(Blocking())
            group.get("/inline") { _, context in .text(context.principal ?? "none") }
            group.get("/async") { _, context async in .text(context.principal ?? "none") }
            group.get("/blocking", .blocking) { _, context in .text(context.principal ?? "none") }
        }
        return router
    }

    @Test(
        "runs there, and its caller is back on the reactor, also after an error", arguments: DriverKind.allCases)
    func threads(driver: DriverKind) async throws {
        try await withServer(driver, Self.router) { port in
            let client = RawClient(port: port)
            for _ in 0..<20 { #expect(try client.get("/thread").text == "hs-block true true") }
            let error = try client.get("/error")
            #expect(error.status == 409 && error.text.contains("taken"))
            for kind in ["inline", "async", "blocking"] {
                let response = try client.get("/middleware/\(kind)")
                #expect(response.text == "hs-block" && response.headers["x-back"] == "true")
            }
        }
    }

    @Test("is refused with 503 and Retry-After when the queue is full, and when it has waited for too long")
    func refused() async throws {
        let events = Events()
        var router = limitRoutes(events)
        router.get("/run") { request async throws in
            .text(try await request.runBlocking { "ran" })
        }
        router.get("/caught") { request async throws in
            do { return .text(try await request.runBlocking { "ran" }) } catch { return .text("\(error)") }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 1
            configuration.maximumBlockingWait = .milliseconds(300)
        }
        try await withServer(.epoll, router, configure: configure) { port in
            let holder = RawClient(port: port)
            let clients = (0..<2).map { _ in RawClient(port: port) }
            try holder.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            for path in ["/run", "/caught"] {
                // One of them waits in vain, and there is no room for the other.
                for client in clients { try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n") }
                let responses = try clients.map { try $0.readResponse() }
                if path == "/run" {
                    #expect(responses.allSatisfy { $0.status == 503 && $0.headers["retry-after"] == "1" })
                } else {
                    #expect(responses.map(\.text).sorted() == ["full", "starved"])
                }
            }
            events.add("released")
            #expect(try holder.readResponse().text == "held")
            #expect(try clients[0].get("/run").text == "ran")
        }
    }

    @Test("is not called if its request ends before a thread is free", arguments: DriverKind.allCases)
    func cancelled(driver: DriverKind) async throws {
        let events = Events()
        var router = limitRoutes(events)
        router.get("/run") { request async throws in
            do {
                return .text(
                    try await request.runBlocking {
                        events.count()
                        return "ran"
                    })
            } catch {
                events.add("\(type(of: error))")
                throw error
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in configuration.blockingThreads = 1...1 }
        try await withServer(driver, router, configure: configure) { port in
            let holder = RawClient(port: port)
            try holder.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            let client = RawClient(port: port)
            try client.send("GET /run HTTP/1.1\r\nHost: a\r\n\r\n")
            try RawClient(port: port).expectService()
            client.reset()
            try events.wait(for: "CancellationError")
            events.add("released")
            #expect(try holder.readResponse().text == "held")
            #expect(try RawClient(port: port).get("/brief").text == "brief")
            #expect(events.counted == 0)
        }
    }

    @Test(
        "runs there also for the closure of a streamed response, which is back on the reactor",
        arguments: DriverKind.allCases)
    func streamed(driver: DriverKind) async throws {
        let produce: nonisolated(nonsending) @Sendable (ResponseWriter) async throws -> Void = { writer in
            let before = callingThread()
            let during = try await writer.runBlocking { threadName() }
            let isBack = callingThread() == before
            do { try await writer.runBlocking { throw Failure() } } catch is Failure {}
            try await writer.write("\(during) \(isBack) \(callingThread() == before)")
        }
        var router = Router()
        router.get("/inline") { _ in .stream(produce) }
        router.get("/async") { _ async in .stream(produce) }
        router.get("/blocking", .blocking) { _ in .stream(produce) }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for kind in ["inline", "async", "blocking"] {
                let response = try client.get("/\(kind)")
                #expect(response.text == "hs-block true true")
            }
        }
    }

    @Test(
        "runs there for hooks and services of a server, and is refused before its start and after its stop",
        arguments: DriverKind.allCases)
    func server(driver: DriverKind) async throws {
        let events = Events()
        let known = Locked<Server?>(nil)
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.log = nil
        configuration.onStart = {
            let name = try await known.withLock { $0 }?.runBlocking { threadName() }
            events.add("onStart: \(name ?? "none")")
        }
        configuration.services = [
            .init("service") {
                let name = try await known.withLock { $0 }?.runBlocking { threadName() }
                events.add("service: \(name ?? "none")")
                try await Task.sleep(for: .seconds(10_000))
            }
        ]
        let server = try Server(router: Router(), configuration: configuration)
        known.withLock { $0 = server }
        await #expect(throws: BlockingError.notServing) { try await server.runBlocking {} }
        try await server.start()
        #expect(events.has("onStart: hs-block"))
        try await onOwnThread { try events.wait(for: "service: hs-block") }
        #expect(try await server.runBlocking { 7 } == 7)
        await #expect(throws: Failure.self) { try await server.runBlocking { throw Failure() } }
        await server.stop()
        await #expect(throws: BlockingError.notServing) { try await server.runBlocking {} }
        known.withLock { $0 = nil }
    }

    @Test("is refused after a start that failed, and runs after one that succeeds")
    func failedStart() async throws {
        let attempts = Events()
        let known = Locked<Server?>(nil)
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: .epoll)
        configuration.log = nil
        configuration.onStart = {
            attempts.count()
            try await known.withLock { $0 }?.runBlocking {}
            if attempts.counted == 1 { throw Failure() }
        }
        let server = try Server(router: Router(), configuration: configuration)
        known.withLock { $0 = server }
        await #expect(throws: ServerError.self) { try await server.start() }
        await #expect(throws: BlockingError.notServing) { try await server.runBlocking {} }
        try await server.start()
        #expect(try await server.runBlocking { threadName() } == "hs-block")
        await server.stop()
        known.withLock { $0 = nil }
    }

    @Test("a server without any has no threads for it")
    func lazy() async throws {
        var router = Router()
        router.get("/") { request async throws in .text(try await request.runBlocking { threadName() }) }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").text == "hs-block")
    }

    @Test("a download has the configured number of bytes in memory, and a handler that writes more waits")
    func unsent() async throws {
        for (limit, range) in [(4 * 1024, 0..<500_000), (4 << 20, 4_000_000..<6_000_000)] {
            let events = Events()
            var router = Router()
            router.get("/") { _ in
                .stream { writer in
                    for _ in 0..<1_000 {
                        try await writer.write([UInt8](repeating: 0, count: 10_000))
                        events.count()
                    }
                }
            }
            var configuration = ServerConfiguration()
            configuration.maximumUnsentByteCount = limit
            let client = try TestClient(router: router, configuration: configuration)
            let exchange = try await client.begin(.get, "/")
            #expect(try await exchange.status() == .ok)
            // All that the server does by itself is done before the time has passed.
            await client.advance(by: .milliseconds(1))
            #expect(range.contains(events.counted * 10_000))
            #expect(try await exchange.response().body.count == 10_000_000)
        }
    }
}
