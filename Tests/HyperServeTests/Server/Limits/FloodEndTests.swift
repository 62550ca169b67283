import Glibc
import TestSupport
import Testing

@testable import Reactor

/// Clients that leave in the middle of a flood, while the server's next receive from them waits for its turn.
@Suite("The end of a flood")
struct FloodEndTests {
    /// Begins a body of unknown length, which counts as a flood.
    private static let beginning =
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"

    @Test("leaves the state of other connections alone", arguments: DriverKind.allCases)
    func resets(driver: DriverKind) async throws {
        try await onOwnThread {
            let demo = try DemoServer("--port=0", "--threads=1", "--driver", driver.rawValue)
            let port = try demo.port()
            for _ in 0..<4 {
                let floods = (0..<60).map { _ in RawClient(port: port) }
                for flood in floods { try flood.send(Self.beginning) }
                // By then, a receive is under way for each of them.
                usleep(300_000)
                // All that follows arrives in the same turn.
                demo.signal(SIGSTOP)
                for flood in floods { try flood.send("1\r\nx\r\n") }
                for flood in floods { flood.reset() }
                let clients = (0..<150).map { _ in RawClient(port: port) }
                for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                demo.signal(SIGCONT)
                for client in clients { #expect(try client.readResponse().status == 200) }
            }
            demo.signal(SIGTERM)
            #expect(try demo.waitForExit() == 0)
        }
    }
}
