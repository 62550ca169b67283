import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// `stop()` in async code, above all in that of the server itself.
@Suite("An async stop")
struct AsyncStopTests {
    private final class Box: Sendable {
        let server = Mutex<Server?>(nil)
        func stop() async { await server.withLock { $0 }?.stop() }
        func stopBlocking() { server.withLock { $0 }?.stop() }
    }

    private actor Keeper {
        let box: Box
        init(_ box: Box) { self.box = box }
        func stop() async { await box.stop() }
        func stopBlocking() { box.stopBlocking() }
    }

    private struct StoppingMiddleware: AsyncMiddleware {
        let box: Box
        nonisolated(nonsending)
            func handle(
                _ request: borrowing Request, context: inout RequestContext, next: Next
            ) async throws -> Response
        {
            await Keeper(box).stopBlocking()
            return try await next(request, &context)
        }
    }

    private static func router(_ box: Box) -> Router {
        let keeper = Keeper(box)
        var router = Router()
        router.post("/plain") { _ async in
            await box.stop()
            return .text("stopping")
        }
        router.post("/task") { _ async in
            await Task { await box.stop() }.value
            return .text("stopping")
        }
        router.post("/child") { _ async in
            async let child: Void = box.stop()
            await child
            return .text("stopping")
        }
        router.post("/actor") { _ async in
            await keeper.stop()
            return .text("stopping")
        }
        router.post("/actor-blocking") { _ async in
            await keeper.stopBlocking()
            return .text("stopping")
        }
        router.post("/stream") { _ in
            .stream { writer in
                await Task { await box.stop() }.value
                try await writer.write("stopping")
            }
        }
        router.post("/middleware", .blocking, with: [StoppingMiddleware(box: box)]) { _ in .text("stopping") }
        return router
    }

    private static let paths = ["/plain", "/task", "/child", "/actor", "/actor-blocking", "/stream", "/middleware"]

    @Test(
        "by a handler, its child tasks or an actor that it awaits returns, and the handler responds",
        arguments: DriverKind.allCases, paths)
    func byHandler(driver: DriverKind, path: String) async throws {
        let box = Box()
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.handlerTimeout = .seconds(600)
        let server = try Server(router: Self.router(box), configuration: configuration)
        box.server.withLock { $0 = server }
        defer { box.server.withLock { $0 = nil } }
        try await server.start()
        let port = server.port!
        let response = try await onOwnThread {
            let client = RawClient(port: port)
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            return try client.readResponse()
        }
        #expect(response.status == 200 && response.text == "stopping")
        await server.stop()
        #expect(server.phase == .stopped)
        #expect(Leaks.list(server.statistics) == [])
    }

    @Test("by a handler of another server waits for the end", arguments: DriverKind.allCases)
    func byOtherServer(driver: DriverKind) async throws {
        let box = Box()
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        let stopped = try Server(router: Router(), configuration: configuration)
        box.server.withLock { $0 = stopped }
        try await stopped.start()
        configuration.handlerTimeout = .seconds(600)
        var router = Router()
        router.post("/") { _ async in
            await box.stop()
            return .text("\(stopped.phase)")
        }
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let text = try await onOwnThread { [port = server.port!] in
            let client = RawClient(port: port)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            return try client.readResponse().text
        }
        #expect(text == "stopped")
        await server.stop()
    }

    @Test(
        "and blocking ones at the same time all return when everything is closed", arguments: DriverKind.allCases)
    func together(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/slow") { _ async throws in
            events.add("begun")
            while !events.has("go on") { try await Task.sleep(for: .milliseconds(5)) }
            return .text("slow")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let client = RawClient(port: server.port!)
        try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        try await onOwnThread { try events.wait(for: "begun") }
        try await withThrowingTaskGroup { group in
            for number in 0..<8 {
                group.addTask(priority: .userInitiated) {
                    if number.isMultiple(of: 2) {
                        await server.stop()
                    } else {
                        try await onOwnThread { server.stop() }
                    }
                    events.add("\(server.phase)")
                }
            }
            // On one thread: the test's own task may have to wait for a thread of the runtime for long.
            try await onOwnThread {
                server.lifecycle.wait(for: .closing)
                usleep(100_000)
                #expect(events.all == ["begun"])
                events.add("go on")
            }
            try await group.waitForAll()
        }
        #expect(events.all.count { $0 == "stopped" } == 8)
        await server.stop()
    }

    @Test("before the start returns, and the server can't be started")
    func beforeStart() async throws {
        let server = try Server(router: Router(), configuration: .init(port: 0, threads: 1))
        await server.stop()
        await #expect(throws: ServerError.stopped) { try await server.start() }
    }
}
