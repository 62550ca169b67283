import Glibc
import TestSupport
import Testing

@testable import HyperServe
@testable import Reactor

/// Clients that become unreachable without closing the connection, because their machine or network failed.
@Suite("A vanished client")
struct VanishedClientTests {
    @Test("is noticed by a server that waits for its next request", arguments: DriverKind.allCases)
    func idle(driver: DriverKind) async throws {
        try await onOwnThread {
            var router = Router()
            router.get("/") { _ in .text("ok") }
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.idleTimeout = .seconds(300)
            configuration.tcpKeepAlive = .milliseconds(500)
            configuration.transferGrace = .milliseconds(500)
            let server = try Server(router: router, configuration: configuration)
            try server.start()
            let clients = (0..<2).map { _ in RawClient(port: server.port!) }
            for client in clients { #expect(try client.get("/").status == 200) }
            #expect(ProcessFiles.settled(2) { server.statistics[0].openConnections } == 2)
            clients[0].vanish()
            #expect(ProcessFiles.settled(1) { server.statistics[0].openConnections } == 1)
            #expect(try clients[1].get("/").status == 200, "a silent client that can be reached stays connected")
            server.stop()
        }
    }

    @Test(
        "is noticed by a handler that has nothing to send, before its response begins and after, with FIN and without",
        arguments: DriverKind.allCases, ["/wait", "/stream"])
    func waiting(driver: DriverKind, path: String) async throws {
        let events = Events()
        var router = Router()
        router.get("/wait") { request in
            try await Self.wait(events, request.query.string)
            return .text("never")
        }
        router.get("/stream") { request in
            let name = request.query.string
            return .stream { writer in
                try await writer.write("begun")
                try await Self.wait(events, name)
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.tcpKeepAlive = .seconds(1)
            configuration.transferGrace = .milliseconds(500)
        }
        try await withServer(driver, router, configure: configure) { port in
            let clients = (0..<2).map { _ in RawClient(port: port) }
            for (index, client) in clients.enumerated() {
                try client.send("GET \(path)?\(index) HTTP/1.1\r\nHost: a\r\n\r\n")
                if path == "/stream" { _ = try client.read(through: "begun") }
                try events.wait(for: "waits 0")
            }
            try events.wait(for: "waits 1")
            clients[1].finish()
            for client in clients { client.vanish() }
            try events.wait(for: "cancelled 0")
            try events.wait(for: "cancelled 1")
        }
    }

    @Test("is noticed by a handler that keeps sending it a little", arguments: DriverKind.allCases)
    func sendingTo(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/") { _ in
            .stream { writer in
                do {
                    while true {
                        try await writer.write("tick")
                        try await Task.sleep(for: .milliseconds(50))
                    }
                } catch {
                    events.add("ended")
                    throw error
                }
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.tcpKeepAlive = .seconds(1)
            // However long a slow reader may take.
            configuration.transferGrace = .seconds(300)
        }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "tick")
            client.vanish()
            let start = ContinuousClock.now
            try events.wait(for: "ended")
            #expect(ContinuousClock.now - start > .milliseconds(1500), "a short silence is not enough")
        }
    }

    @Test(
        "is not one that reads nothing of a stream for long, since its system responds", arguments: DriverKind.allCases)
    func slowReader(driver: DriverKind) async throws {
        // More than the client's window, and no more than the socket takes at once.
        let byteCount = 20_000
        var router = Router()
        router.get("/") { _ in
            .stream { writer in
                try await writer.write(String(repeating: "a", count: byteCount))
                try await Task.sleep(for: .seconds(6))
                try await writer.write("end")
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.tcpKeepAlive = .seconds(1)
            configuration.transferGrace = .seconds(1)
        }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port, receiveBufferByteCount: 4096)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            usleep(5_500_000)
            let text = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(text.utf8.count > byteCount && text.hasSuffix("end\r\n0\r\n\r\n"))
        }
    }

    private static func wait(_ events: Events, _ name: String) async throws {
        events.add("waits \(name)")
        do {
            try await Task.sleep(for: .seconds(1000))
        } catch {
            events.add("cancelled \(name)")
            throw error
        }
    }

    @Test("The time is in whole seconds, rounded up, and zero is never")
    func seconds() {
        var configuration = ServerConfiguration(port: 0)
        #expect(configuration.tcpKeepAlive == .seconds(15))
        let rounded: [(Duration, Int32)] = [
            (.zero, 0), (.seconds(-1), 0), (.nanoseconds(1), 1), (.seconds(1), 1), (.milliseconds(1500), 2),
            (.seconds(1_000_000), 32_767),
        ]
        for (duration, seconds) in rounded {
            configuration.tcpKeepAlive = duration
            #expect(configuration.keepAliveSeconds == seconds)
        }
    }
}
