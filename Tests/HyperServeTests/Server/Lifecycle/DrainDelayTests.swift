import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// The time between the request to stop and the end of listening.
@Suite("A server with a drain delay")
struct DrainDelayTests {
    /// The ways to stop a server.
    enum Way: String, CaseIterable { case stop, asyncStop, cancelledRun, release, service }

    private final class Box: Sendable {
        let server = Mutex<Server?>(nil)
    }

    private static func makeServer(_ driver: DriverKind, _ events: Events) throws -> Server {
        var router = Router()
        router.get("/") { _ in .text("ok") }
        router.get("/async") { _ async in .text("ok") }
        router.get("/blocking", .blocking) { _ in .text("ok") }
        router.readiness()
        var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
        configuration.drainDelay = .seconds(4)
        configuration.shutdownTimeout = .seconds(600)
        configuration.services = [
            .init("waiting") {
                while !events.has("end the service") { try await Task.sleep(for: .milliseconds(5)) }
            }
        ]
        return try Server(router: router, configuration: configuration)
    }

    @Test(
        "serves on, but reports that it is not ready, before its listeners close", arguments: DriverKind.allCases,
        Way.allCases)
    func drains(driver: DriverKind, way: Way) async throws {
        let (box, events) = (Box(), Events())
        var server: Server? = try Self.makeServer(driver, events)
        let lifecycle = server!.lifecycle
        var running: Task<Void, any Error>?
        if way == .cancelledRun {
            running = Task { [server] in try await server!.run() }
            try await onOwnThread { lifecycle.wait(for: .serving) }
        } else {
            try await server!.start()
        }
        let port = server!.port!
        #expect(server!.isReady && server!.phase == .serving)
        try await onOwnThread {
            let ready = try RawClient(port: port).get("/readyz")
            #expect(ready.status == 200 && ready.text == "ready\n" && ready.headers["cache-control"] == "no-store")
        }
        box.server.withLock { $0 = server }
        let stopping = Task { [running] in
            switch way {
            case .stop: try await onOwnThread { box.server.withLock { $0.take() }?.stop() }
            case .asyncStop: await box.server.withLock { $0.take() }?.stop()
            case .cancelledRun:
                running?.cancel()
                try await running?.value
            case .release: box.server.withLock { $0 = nil }
            case .service: events.add("end the service")
            }
        }
        server = nil
        try await onOwnThread {
            lifecycle.wait(for: .draining)
            let kept = RawClient(port: port)
            for path in ["/", "/async", "/blocking"] {
                let response = try kept.get(path)
                #expect(response.status == 200 && response.headers["connection"] == nil, "as usual")
            }
            let ready = try RawClient(port: port).get("/readyz")
            #expect(ready.status == 503 && ready.text == "stopping\n")
            #expect(lifecycle.phase == .draining, "the listeners are open")
            lifecycle.wait(for: .stopped)
            #expect(throws: RawClient.Failure.self) { _ = try RawClient(connectingTo: port).get("/") }
            #expect(Leaks.list(lifecycle.statistics) == [])
        }
        try await stopping.value
        box.server.withLock { $0 = nil }
    }

    @Test("closes at once when a reactor fails meanwhile", arguments: DriverKind.allCases)
    func reactorFails(driver: DriverKind) async throws {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.drainDelay = .seconds(600)
        let server = try Server(router: Router(), configuration: configuration)
        try await server.start()
        try await onOwnThread {
            let stops = inBackground { server.stop() }
            server.lifecycle.wait(for: .draining)
            let group = server.lifecycle.reactorFailed(SystemError("io_uring_enter", code: EBADF))
            group?.requestStop(deadlineMilliseconds: 0)
            stops.wait()
            #expect(server.phase == .stopped)
        }
    }

    @Test("does not wait for it if it was stopped before it served")
    func stoppedEarly() async throws {
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.drainDelay = .seconds(600)
        let box = Box()
        configuration.onStart = { await box.server.withLock { $0 }?.stop() }
        let server = try Server(router: Router(), configuration: configuration)
        box.server.withLock { $0 = server }
        await #expect(throws: ServerError.stopped) { try await server.start() }
        box.server.withLock { $0 = nil }
        #expect(server.phase == .stopped && !server.isReady)
    }

    @Test("whose value is negative is not started")
    func negative() throws {
        var configuration = ServerConfiguration(port: 0, threads: 1)
        configuration.drainDelay = .seconds(-1)
        #expect(throws: ServerError.self) { try configuration.validate() }
        configuration.drainDelay = .zero
        #expect(throws: Never.self) { try configuration.validate() }
    }
}
