import Glibc
import Platform
import TestSupport
import Testing

@testable import HyperServe

/// Async handlers that go on after their server has stopped, because what they await ignores cancellation.
@Suite("Handlers that outlive their server")
struct OutlivingHandlerTests {
    private struct Counts {
        var waiting = 0
        var running = 0
        var mostRunning = 0
        var ended = 0
        var isOpen = false
    }

    /// Waits on threads of the Swift runtime, whether the task is cancelled or not.
    private static func wait(until isOver: @Sendable () -> Bool) async {
        while !isOver() {
            await Task.detached(priority: .userInitiated) { _ = usleep(1000) }.value
        }
    }

    @Test("run one at a time, as they did on the reactor", arguments: DriverKind.allCases)
    func oneAtATime(driver: DriverKind) async throws {
        let counts = Locked(Counts())
        var router = Router()
        router.get("/") { _ async in
            counts.withLock { $0.waiting += 1 }
            await Self.wait { counts.withLock { $0.isOpen } }
            for _ in 0..<3 {
                counts.withLock {
                    $0.running += 1
                    $0.mostRunning = max($0.mostRunning, $0.running)
                }
                usleep(2000)
                counts.withLock { $0.running -= 1 }
                await Self.wait { true }
            }
            counts.withLock { $0.ended += 1 }
            return .text("late")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .zero
        let server = try Server(router: router, configuration: configuration)
        try await onOwnThread {
            try server.start()
            let clients = (0..<16).map { _ in RawClient(port: server.port!) }
            for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            while counts.withLock({ $0.waiting }) < clients.count { usleep(1000) }
            server.stop()
            counts.withLock { $0.isOpen = true }
            while counts.withLock({ $0.ended }) < clients.count { usleep(1000) }
        }
        #expect(counts.withLock { $0.mostRunning } == 1)
    }
}
