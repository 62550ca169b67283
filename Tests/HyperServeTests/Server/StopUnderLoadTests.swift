import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

/// A server that is stopped under load still responds to each request that was sent.
@Suite("Stopping under load", .serialized)
struct StopUnderLoadTests {
    private static func startServer(_ driver: DriverKind) throws -> Server {
        var router = Router()
        router.get("/") { _ in .text("Hello, World!") }
        router.get("/slow", .blocking) { _ in
            usleep(20_000)
            return .text("slow")
        }
        let server = try Server(
            router: router,
            configuration: .init(host: LoopbackAddress.stopping.text, port: 0, threads: 2, driver: driver))
        try server.start()
        return server
    }

    /// The results of the clients of a test.
    private final class Tally: Sendable {
        let connected = Atomic<Int>(0)
        let responses = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        let lastResponses = Atomic<Int>(0)
    }

    /// Runs `client` on each of several threads until it returns, and stops the server meanwhile, when all have
    /// connected.
    private static func stop(
        _ server: Server, _ tally: Tally, under client: @escaping @Sendable () -> Void
    ) async throws {
        try await onOwnThread {
            let clients = (0..<16).map { _ in inBackground(client) }
            usleep(200_000)
            while tally.connected.load(ordering: .relaxed) < clients.count { usleep(1_000) }
            server.stopLeavingNothing()
            for client in clients { client.wait() }
        }
    }

    @Test(
        "sends a last response with Connection: close on each persistent connection", arguments: DriverKind.allCases,
        ["/", "/slow"])
    func keptConnections(driver: DriverKind, path: String) async throws {
        let server = try StopUnderLoadTests.startServer(driver)
        let port = server.port!
        let tally = Tally()
        try await StopUnderLoadTests.stop(server, tally) {
            let client = RawClient(port: port, at: .stopping)
            tally.connected.add(1, ordering: .relaxed)
            while true {
                do {
                    let response = try client.get(path)
                    tally.responses.add(response.status == 200 ? 1 : 0, ordering: .relaxed)
                    guard response.headers["connection"] == "close" else { continue }
                    tally.lastResponses.add(1, ordering: .relaxed)
                    return
                } catch {
                    tally.failed.add(1, ordering: .relaxed)
                    return
                }
            }
        }
        #expect(tally.failed.load(ordering: .relaxed) == 0)
        #expect(tally.lastResponses.load(ordering: .relaxed) == 16)
        #expect(tally.responses.load(ordering: .relaxed) >= 16)
    }

    @Test("responds on every accepted connection, and refuses the rest", arguments: DriverKind.allCases)
    func newConnections(driver: DriverKind) async throws {
        let server = try StopUnderLoadTests.startServer(driver)
        let port = server.port!
        let tally = Tally()
        try await StopUnderLoadTests.stop(server, tally) {
            while let client = try? RawClient(connectingTo: port, at: .stopping) {
                tally.connected.add(1, ordering: .relaxed)
                do {
                    let isWhole = try client.get("/").text == "Hello, World!"
                    tally.responses.add(isWhole ? 1 : 0, ordering: .relaxed)
                    tally.failed.add(isWhole ? 0 : 1, ordering: .relaxed)
                } catch {
                    tally.failed.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(tally.failed.load(ordering: .relaxed) == 0)
        #expect(tally.responses.load(ordering: .relaxed) > 16)
    }
}
