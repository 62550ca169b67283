import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

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
            ThreadOwner.mark(ObjectIdentifier(server.lifecycle))
            try server.lifecycle.beginStart()
            server.stop()
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
