import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

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
}
