import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

/// A server that is stopped while clients are at it owes each of them the answer to what they have sent.
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

    /// What the clients of a test saw.
    private final class Tally: Sendable {
        let connected = Atomic<Int>(0)
        let answered = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        let lastAnswers = Atomic<Int>(0)
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
        "gives each client that keeps its connection a last answer that says so", arguments: DriverKind.allCases,
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
                    let answer = try client.get(path)
                    tally.answered.add(answer.status == 200 ? 1 : 0, ordering: .relaxed)
                    guard answer.headers["connection"] == "close" else { continue }
                    tally.lastAnswers.add(1, ordering: .relaxed)
                    return
                } catch {
                    tally.failed.add(1, ordering: .relaxed)
                    return
                }
            }
        }
        #expect(tally.failed.load(ordering: .relaxed) == 0)
        #expect(tally.lastAnswers.load(ordering: .relaxed) == 16)
        #expect(tally.answered.load(ordering: .relaxed) >= 16)
    }

    @Test("answers every connection that was made, and refuses the rest", arguments: DriverKind.allCases)
    func newConnections(driver: DriverKind) async throws {
        let server = try StopUnderLoadTests.startServer(driver)
        let port = server.port!
        let tally = Tally()
        try await StopUnderLoadTests.stop(server, tally) {
            while let client = try? RawClient(connectingTo: port, at: .stopping) {
                tally.connected.add(1, ordering: .relaxed)
                do {
                    let isWhole = try client.get("/").text == "Hello, World!"
                    tally.answered.add(isWhole ? 1 : 0, ordering: .relaxed)
                    tally.failed.add(isWhole ? 0 : 1, ordering: .relaxed)
                } catch {
                    tally.failed.add(1, ordering: .relaxed)
                }
            }
        }
        #expect(tally.failed.load(ordering: .relaxed) == 0)
        #expect(tally.answered.load(ordering: .relaxed) > 16)
    }
}
