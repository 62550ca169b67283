import Glibc
import Platform
import Synchronization
import TestSupport
import Testing
import ThreadPool

@testable import HyperServe

/// A server whose handlers stop it.
@Suite("A handler that stops its server")
struct StoppingHandlerTests {
    private final class Box: Sendable {
        let server = Mutex<Server?>(nil)
        func stop() { server.withLock { $0 }?.stop() }
    }

    private static func router(_ box: Box) -> Router {
        var router = Router()
        router.get("/") { _ in .text("here") }
        router.post("/inline") { _ in
            box.stop()
            return .text("stopping")
        }
        router.post("/blocking", .blocking) { _ in
            box.stop()
            return .text("stopping")
        }
        router.post("/async") { _ async in
            box.stop()
            return .text("stopping")
        }
        return router
    }

    private static let paths = ["/inline", "/blocking", "/async"]

    @Test("sends its response before the server stops", arguments: DriverKind.allCases, paths)
    func responds(driver: DriverKind, path: String) async throws {
        try await onOwnThread {
            let box = Box()
            var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
            configuration.shutdownTimeout = .seconds(60)
            let server = try Server(router: Self.router(box), configuration: configuration)
            box.server.withLock { $0 = server }
            defer { box.server.withLock { $0 = nil } }
            let port = Mutex(0)
            let runs = inBackground {
                #expect(throws: Never.self) { try server.run { port.withLock { $0 = server.port! } } }
            }
            while port.withLock({ $0 }) == 0 { usleep(1000) }
            let client = RawClient(port: port.withLock { $0 })
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.status == 200 && response.text == "stopping")
            runs.wait()
            #expect(server.port == nil)
        }
    }

    @Test("does not wait for another handler that does the same", arguments: DriverKind.allCases, paths)
    func several(driver: DriverKind, path: String) async throws {
        try await onOwnThread {
            let box = Box()
            var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
            configuration.shutdownTimeout = .seconds(60)
            let server = try Server(router: Self.router(box), configuration: configuration)
            box.server.withLock { $0 = server }
            defer { box.server.withLock { $0 = nil } }
            try server.start()
            let port = server.port!
            // Enough that each reactor gets some.
            let clients = (0..<12).map { _ in RawClient(port: port) }
            for client in clients { #expect(try client.get("/").text == "here") }
            for client in clients {
                try? client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            }
            let statuses = clients.map { try? $0.readResponse().status }
            #expect(statuses.contains(200))
            server.stop()
            #expect(server.port == nil)
        }
    }

    @Test("returns from it while the server is starting, which then stops", arguments: DriverKind.allCases)
    func whileStarting(driver: DriverKind) async throws {
        try await onOwnThread {
            let box = Box()
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.shutdownTimeout = .seconds(60)
            let server = try Server(router: Self.router(box), configuration: configuration)
            box.server.withLock { $0 = server }
            defer { box.server.withLock { $0 = nil } }
            try server.lifecycle.beginStart()
            ThreadOwner.mark(ObjectIdentifier(server.lifecycle)) { server.stop() }
            #expect(server.lifecycle.phase == .starting, "it has returned")
            server.lifecycle.startFailed()
            #expect(server.lifecycle.phase == .stopped)
        }
    }

    @Test("returns from it although the pool is waiting for the handler", arguments: DriverKind.allCases)
    func whileClosing(driver: DriverKind) async throws {
        try await onOwnThread {
            let events = Events()
            let box = Box()
            var router = Router()
            router.get("/slow", .blocking) { _ in
                events.add("begun")
                try events.wait(for: "closing")
                box.stop()
                events.add("returned")
                return .text("late")
            }
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.shutdownTimeout = .seconds(600)
            configuration.handlerTimeout = .milliseconds(100)
            let server = try Server(router: router, configuration: configuration)
            box.server.withLock { $0 = server }
            defer { box.server.withLock { $0 = nil } }
            try server.start()
            let client = RawClient(port: server.port!)
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            #expect(try client.readResponse().status == 503)
            try events.wait(for: "begun")
            let stopping = inBackground { server.stop() }
            server.lifecycle.wait(for: .ending)
            events.add("closing")
            stopping.wait()
            try events.wait(for: "returned")
        }
    }
}

/// A server that is stopped by code of the program that it calls outside handlers: its log, and what it calls for
/// requests without a handler.
@Suite("A log, filter or error format that stops its server")
struct StoppingCodeTests {
    private struct Failure: Error {}

    /// A server, and its stop by the program's code.
    private final class Stopper: Sendable {
        let server = Mutex<Server?>(nil)
        let events = Events()

        func stop() {
            server.withLock { $0 }?.stop()
            events.add("returned")
        }
    }

    private struct Refuser: RefusalFilter {
        let stopper: Stopper
        func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            stopper.stop()
        }
    }

    private static func makeServer(
        _ driver: DriverKind, _ stopper: Stopper, _ router: Router = Router(),
        configure: (inout ServerConfiguration) -> Void
    ) throws -> Server {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.handlerTimeout = .seconds(600)
        configuration.log = ClosureLog(level: .warning) { _ in stopper.stop() }
        configure(&configuration)
        let server = try Server(router: router, configuration: configuration)
        stopper.server.withLock { $0 = server }
        return server
    }

    /// Waits until the stop by the program's code has returned, and the server has stopped. Never for ever.
    private static func expectStop(_ server: Server, _ stopper: Stopper) throws {
        defer { stopper.server.withLock { $0 = nil } }
        try stopper.events.wait(for: "returned")
        for _ in 0..<240_000 where server.phase < .stopped { usleep(5_000) }
        #expect(server.phase == .stopped)
    }

    private static let throwsWhenCancelled = ServerConfiguration.Service("failing") {
        try? await Task.sleep(for: .seconds(600))
        throw Failure()
    }

    @Test(
        "does not wait for itself while the server stops", arguments: DriverKind.allCases,
        ["service", "hook"].flatMap { cause in ["stop", "async stop", "run"].map { (cause: cause, way: $0) } })
    func whileStopping(driver: DriverKind, stop: (cause: String, way: String)) async throws {
        let (cause, way) = stop
        let stopper = Stopper()
        let server = try Self.makeServer(driver, stopper) {
            if cause == "service" {
                $0.services = [Self.throwsWhenCancelled]
            } else {
                $0.shutdownTimeout = .milliseconds(100)
                $0.onStopping = {
                    while !stopper.events.has("returned") { await Task.detached { _ = usleep(5_000) }.value }
                }
            }
        }
        try await onOwnThread {
            let runs = inBackground { _ = way == "run" ? try? server.run() : try? server.start() }
            server.lifecycle.wait(for: .serving)
            switch way {
            case "stop": _ = inBackground { server.stop() }
            case "async stop": Task.detached { await server.stop() }
            default: server.closing.begin()
            }
            try Self.expectStop(server, stopper)
            runs.wait()
        }
    }

    @Test("does not wait for itself while a start fails", arguments: DriverKind.allCases)
    func whileStarting(driver: DriverKind) async throws {
        let stopper = Stopper()
        let server = try Self.makeServer(driver, stopper) {
            $0.host = "192.0.2.1"
            $0.services = [Self.throwsWhenCancelled]
        }
        try await onOwnThread {
            _ = inBackground {
                let error = #expect(throws: ServerError.self) { try server.start() }
                if case .cannotListen = error { stopper.events.add("thrown") }
            }
            try Self.expectStop(server, stopper)
            try stopper.events.wait(for: "thrown")
        }
    }

    @Test(
        "does not wait for itself when a request is discarded that waits for a thread", arguments: DriverKind.allCases,
        ["filter", "format", "log"].flatMap { code in [(code: code, isStarved: true), (code, false)] }
            .filter { $0 != ("log", false) })
    func discarded(driver: DriverKind, work: (code: String, isStarved: Bool)) async throws {
        let (code, isStarved) = work
        let stopper = Stopper()
        let (events, begun) = (stopper.events, Events())
        var router = Router()
        if code == "filter" { router.use(Refuser(stopper: stopper)) }
        router.get("/", .blocking) { _ in
            begun.add("begun")
            try events.wait(for: "returned")
            return .text("first")
        }
        let server = try Self.makeServer(driver, stopper, router) {
            $0.blockingThreads = 1...1
            $0.maximumBlockingWait = isStarved ? .milliseconds(100) : .seconds(600)
            if !isStarved { $0.shutdownTimeout = .milliseconds(200) }
            if code != "log" { $0.log = nil }
            guard code == "format" else { return }
            $0.errorFormat = .custom { error in
                stopper.stop()
                return .text(error.title)
            }
        }
        try await onOwnThread {
            try server.start()
            let (first, second) = (RawClient(port: server.port!), RawClient(port: server.port!))
            try first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try begun.wait(for: "begun")
            try second.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            if isStarved {
                // On the thread that monitors the pool. The server waits for both responses.
                #expect(try second.readResponse().status == 503)
                #expect(try first.readResponse().text == "first")
            } else {
                while server.closing.publisher.blockingPool.pool?.statistics.queueDepth == 0 { usleep(1000) }
                // Discarded by the thread that closes.
                _ = inBackground { server.stop() }
            }
            try Self.expectStop(server, stopper)
        }
    }

    @Test("does not wait for itself in the task of a service that failed, whose failure is kept")
    func failedService() async throws {
        let stopper = Stopper()
        let events = Events()
        let server = try Self.makeServer(.epoll, stopper) {
            $0.services = [
                .init("worker") {
                    while !events.has("ready") { try await Task.sleep(for: .milliseconds(5)) }
                    throw Failure()
                }
            ]
        }
        await #expect(throws: ServerError.serviceFailed(name: "worker", .init(Failure()))) {
            try await server.run { events.add("ready") }
        }
        try Self.expectStop(server, stopper)
    }
}
