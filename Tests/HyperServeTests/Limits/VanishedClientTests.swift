import TestSupport
import Testing

@testable import HyperServe

/// Clients that are gone without a word: their machine has lost its power, or the network its cable.
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
            let server = try Server(router: router, configuration: configuration)
            try server.start()
            let clients = (0..<2).map { _ in RawClient(port: server.port!) }
            for client in clients { #expect(try client.get("/").status == 200) }
            #expect(ProcessFiles.settled(2) { server.statistics[0].openConnections } == 2)
            clients[0].vanish()
            #expect(ProcessFiles.settled(1) { server.statistics[0].openConnections } == 1)
            #expect(try clients[1].get("/").status == 200, "one that is silent and there is not taken for gone")
            server.stop()
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
