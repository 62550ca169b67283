import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// A reactor that can't continue stops its server, and the failure is reported.
@Suite("A failed reactor")
struct ReactorFailureTests {
    /// Shuts down one of the server's listeners, as a faulty part of the program might.
    private static func breakListener(at port: Int) throws {
        let listener = ProcessFiles.sockets(at: port).keys.first { descriptor in
            var isListening: Int32 = 0
            var length: socklen_t = 4
            // As many bytes as an int has.
            _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length)
            return isListening == 1
        }
        try #require(shutdown(try #require(listener), Int32(SHUT_RDWR)) == 0)
    }

    private static func makeServer(
        _ driver: DriverKind, _ lines: Lines, _ router: Router = Router()
    ) throws -> Server {
        var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
        configuration.log = ClosureLog { lines.add("\($0)") }
        configuration.shutdownTimeout = .seconds(5)
        return try Server(router: router, configuration: configuration)
    }

    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private static let failure = SystemError("accept", code: EINVAL)
    private static let line =
        #"critical: a reactor failed, and the server stops error="accept: Invalid argument (22)""#

    @Test("ends run with its error", arguments: DriverKind.allCases)
    func endsRun(driver: DriverKind) async throws {
        try await onOwnThread {
            let lines = Lines()
            let server = try Self.makeServer(driver, lines)
            #expect(throws: ServerError.reactorFailed(Self.failure)) {
                try server.run { try? Self.breakListener(at: server.port!) }
            }
            #expect(lines.all == [Self.line])
            #expect(server.lifecycle.phase == .stopped && server.port == nil)
            #expect(Leaks.list(server.statistics) == [])
        }
    }

    @Test("refuses clients at all its addresses, before the server is stopped", arguments: DriverKind.allCases)
    func refuses(driver: DriverKind) async throws {
        try await onOwnThread {
            var router = Router()
            router.get("/") { _ in .text("ok") }
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.listeners = [.tcp(port: 0), .tcp(port: 0)]
            let server = try Server(router: router, configuration: configuration)
            try server.start()
            let ports = server.addresses.map { address in
                if case .tcp(let address) = address { address.port } else { 0 }
            }
            for port in ports { #expect(try RawClient(port: port).get("/").text == "ok") }
            try Self.breakListener(at: ports[0])
            server.lifecycle.wait(for: .closing)
            let isRefused = (0..<500).contains { _ in
                usleep(20_000)
                do { _ = try RawClient(connectingTo: ports[1]) } catch { return true }
                return false
            }
            #expect(isRefused && server.lifecycle.phase == .closing)
            server.stop()
            #expect(Leaks.list(server.statistics) == [])
        }
    }

    @Test("leaves the program its time, however late the server is stopped", arguments: DriverKind.allCases)
    func lateStop(driver: DriverKind) async throws {
        try await onOwnThread {
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.log = nil
            configuration.shutdownTimeout = .milliseconds(300)
            let server = try Server(router: Router(), configuration: configuration)
            try server.start()
            try Self.breakListener(at: server.port!)
            server.lifecycle.wait(for: .closing)
            while server.lifecycle.deadline > .now { usleep(10_000) }
            let moment = ContinuousClock.now
            server.stop()
            // What onStopping, blocking handlers and services have.
            #expect(server.lifecycle.deadline >= moment + .milliseconds(300) && server.phase == .stopped)
        }
    }

    @Test("lets the others drain, and the server must be stopped as usual", arguments: DriverKind.allCases)
    func drains(driver: DriverKind) async throws {
        try await onOwnThread {
            let lines = Lines()
            var router = Router()
            router.get("/") { _ in .text("ok") }
            let server = try Self.makeServer(driver, lines, router)
            try server.start()
            let port = server.port!
            // Enough that each reactor gets some.
            let clients = (0..<20).map { _ in RawClient(port: port) }
            for client in clients { #expect(try client.get("/").text == "ok") }
            for client in clients { try client.send("GET /") }
            let sockets = Set(ProcessFiles.sockets(at: port).values)
            try Self.breakListener(at: port)
            server.lifecycle.wait(for: .closing)
            #expect(server.lifecycle.phase == .closing)
            #expect(throws: ServerError.stopped) { try server.start() }
            let responses = clients.map { client in
                try? client.send(" HTTP/1.1\r\nHost: a\r\n\r\n")
                return (try? client.readResponse())?.headers["connection"]
            }
            #expect(responses.contains("close"), "those of the other reactor get their responses")
            #expect(responses.contains(nil), "those of the failed one are closed")
            server.stop()
            #expect(lines.all == [Self.line])
            #expect(server.lifecycle.phase == .stopped)
            #expect(Leaks.list(server.statistics) == [])
            #expect(ProcessFiles.settled(0) { ProcessFiles.socketCount(among: sockets) } == 0)
        }
    }
}
