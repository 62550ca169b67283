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

    @Test(
        "and block their reactor are left alone with it, and the reactor ends when they do",
        arguments: DriverKind.allCases)
    func blockedReactor(driver: DriverKind) async throws {
        try await onOwnThread {
            let (events, log) = (Events(), Events())
            let box = Locked<Server?>(nil)
            var router = Router()
            router.get("/") { _ in
                // For a thread that waits for the server, which waits for this handler.
                _ = inBackground {
                    box.withLock { $0 }?.stop()
                    events.add("stopped")
                }
                try events.wait(for: "go on")
                return .text("late")
            }
            var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
            configuration.shutdownTimeout = .milliseconds(200)
            configuration.log = ClosureLog { log.add("\($0)") }
            var server: Server? = try Server(router: router, configuration: configuration)
            box.withLock { $0 = server }
            weak let lifecycle = server?.lifecycle
            try server!.start()
            let port = server!.port!
            let client = RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "stopped")
            #expect(server!.phase == .stopped)
            let sockets = Set(ProcessFiles.sockets(at: port).values)
            #expect(!sockets.isEmpty)
            let message = "a reactor has not ended within the time for stopping, and is left alone: a handler blocks it"
            #expect(
                (0..<2).contains { log.all == ["error: \(message) thread=hs-reactor-\($0)"] }, "\(log.all)")
            box.withLock { $0 = nil }
            server = nil
            #expect(lifecycle != nil, "the reactor's thread retains what it uses")
            events.add("go on")
            // Its connections and its listener are closed then.
            _ = try? client.readToEnd()
            #expect(ProcessFiles.settled(0) { ProcessFiles.socketCount(among: sockets) } == 0)
            for _ in 0..<12_000 where lifecycle != nil { usleep(5_000) }
            #expect(lifecycle == nil)
        }
    }
}
