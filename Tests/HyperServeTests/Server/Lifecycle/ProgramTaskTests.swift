import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// `onStart`, `onStopping` and the services.
@Suite("Hooks and services")
struct ProgramTaskTests {
    private struct Failure: Error {}

    private static func configuration(_ driver: DriverKind = .epoll, _ log: Events = Events()) -> ServerConfiguration {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.log = ClosureLog { log.add($0) }
        return configuration
    }

    /// Sleeps for a moment, also in a task that was cancelled.
    private static func pause() async { _ = await Task { try? await Task.sleep(for: .milliseconds(5)) }.value }

    @Test("are called in order, around all requests", arguments: DriverKind.allCases, ["start", "run", "async run"])
    func order(driver: DriverKind, way: String) async throws {
        let events = Events()
        var router = Router()
        router.get("/slow") { _ async throws in
            events.add("request begins")
            while !events.has("go on") { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(50))
            events.add("request ends")
            return .text("slow")
        }
        router.get("/") { _ in .text("ok") }
        var configuration = Self.configuration(driver)
        let port = Mutex(0)
        configuration.onStart = {
            try await Task.sleep(for: .milliseconds(20))
            events.add("onStart")
        }
        configuration.services = [
            .init("service") {
                events.add("service begins")
                do {
                    try await Task.sleep(for: .seconds(600))
                } catch {
                    events.add("service is cancelled")
                    throw error
                }
            }
        ]
        configuration.onStopping = {
            let text = try? await onOwnThread { try RawClient(port: port.withLock { $0 }).get("/").text }
            events.add("onStopping, \(text ?? "")")
        }
        let server = try Server(router: router, configuration: configuration)
        let ready: @Sendable () -> Void = {
            port.withLock { $0 = server.port! }
            events.add("ready")
        }
        let running = Task {
            switch way {
            case "async run": try await server.run(whenReady: ready)
            case "run": try await onOwnThread { try server.run(whenReady: ready) }
            default:
                try await onOwnThread {
                    try server.start()
                    ready()
                }
            }
        }
        try await onOwnThread {
            try events.wait(for: "ready")
            try events.wait(for: "service begins")
            let client = RawClient(port: server.port!)
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "request begins")
            let stops = inBackground { server.stop() }
            server.lifecycle.wait(for: .closing)
            events.add("go on")
            #expect(try client.readResponse().text == "slow")
            stops.wait()
        }
        try await running.value
        // The service is started before the server accepts, but not waited for.
        #expect(events.all.first == "onStart")
        #expect(
            events.all.filter { !["onStart", "service begins", "ready"].contains($0) } == [
                "request begins", "onStopping, ok", "go on", "request ends", "service is cancelled",
            ])
    }

    @Test("An error of onStart undoes the start, which may be tried again")
    func startError() async throws {
        let events = Events()
        var configuration = Self.configuration()
        configuration.onStart = {
            guard events.has("may start") else { throw Failure() }
        }
        configuration.services = [.init("service") { events.add("service") }]
        configuration.onStopping = { events.add("onStopping") }
        let server = try Server(router: Router(), configuration: configuration)
        let error = ServerError.onStartFailed(.init(Failure()))
        await #expect(throws: error) { try await server.start() }
        #expect(error.description == "the server was not started, because onStart threw Failure()")
        await #expect(throws: error) { try await server.run() }
        #expect(server.phase == .created && events.all == [])
        events.add("may start")
        await #expect(throws: ServerError.serviceEnded(name: "service")) { try await server.run() }
        #expect(events.all.last == "onStopping" || events.all.last == "service")
    }

    @Test("A start that fails after onStart ends the services")
    func startFails() async throws {
        let log = Events()
        var configuration = Self.configuration(.epoll, log)
        configuration.host = "192.0.2.1"
        configuration.services = [.init("service") { try await Task.sleep(for: .seconds(600)) }]
        let server = try Server(router: Router(), configuration: configuration)
        for _ in 0..<2 {
            let error = await #expect(throws: ServerError.self) { try await server.start() }
            if case .cannotListen = error { continue }
            Issue.record("\(String(describing: error))")
        }
        #expect(server.phase == .created && log.all == [])
    }

    @Test(
        "onStart is cancelled when the server is stopped, and left alone when its time is over",
        arguments: [true, false])
    func stoppedStart(isObedient: Bool) async throws {
        let events = Events()
        var configuration = Self.configuration()
        configuration.shutdownTimeout = isObedient ? .seconds(600) : .milliseconds(300)
        configuration.onStart = {
            events.add("onStart")
            if isObedient { try await Task.sleep(for: .seconds(600)) }
            while !events.has("end") { await Self.pause() }
        }
        let server = try Server(router: Router(), configuration: configuration)
        async let starting: Void = onOwnThread {
            #expect(throws: ServerError.stopped) { try server.start() }
        }
        try await onOwnThread { try events.wait(for: "onStart") }
        await server.stop()
        #expect(server.phase == .stopped)
        try await starting
        events.add("end")
    }

    @Test(
        "onStopping and services that go on are left alone at the deadline, and reported",
        arguments: DriverKind.allCases)
    func stubborn(driver: DriverKind) async throws {
        let (events, log) = (Events(), Events())
        var configuration = Self.configuration(driver, log)
        configuration.shutdownTimeout = .milliseconds(300)
        let goOn: @Sendable () async -> Void = {
            while !events.has("end") { await Self.pause() }
        }
        configuration.onStopping = goOn
        configuration.services = [.init("stubborn", run: goOn)]
        let server = try Server(router: Router(), configuration: configuration)
        try await server.start()
        await server.stop()
        #expect(server.phase == .stopped)
        #expect(
            log.all == [
                "warning: onStopping has not returned within the time for stopping, and is left alone",
                "warning: the service stubborn goes on although it was cancelled, and is left alone",
            ])
        events.add("end")
    }

    @Test("An error of a service that was cancelled is reported, unless it is the cancellation")
    func errorWhileStopping() async throws {
        let log = Events()
        var configuration = Self.configuration(.epoll, log)
        configuration.services = [
            .init("failing") {
                try? await Task.sleep(for: .seconds(600))
                throw Failure()
            },
            .init("cancelled") { try await Task.sleep(for: .seconds(600)) },
        ]
        let server = try Server(router: Router(), configuration: configuration)
        try await server.start()
        await server.stop()
        #expect(log.all == ["warning: the service failing threw an error while the server stopped: Failure()"])
    }

    @Test(
        "A service that throws or returns stops the server, and run throws it", arguments: DriverKind.allCases,
        [true, false])
    func serviceEnds(driver: DriverKind, isFailure: Bool) async throws {
        let (events, log) = (Events(), Events())
        var configuration = Self.configuration(driver, log)
        configuration.services = [
            .init("worker") {
                while !events.has("end") { try await Task.sleep(for: .milliseconds(5)) }
                if isFailure { throw Failure() }
            },
            .init("other") {
                defer { events.add("other was cancelled") }
                try await Task.sleep(for: .seconds(600))
            },
        ]
        let error: ServerError =
            isFailure ? .serviceFailed(name: "worker", .init(Failure())) : .serviceEnded(name: "worker")
        let server = try Server(router: Router(), configuration: configuration)
        await #expect(throws: error) { try await server.run { events.add("end") } }
        #expect(server.phase == .stopped && events.has("other was cancelled"))
        #expect(log.all == ["error: a service ended, and the server stops: \(error)"])
        // Without run, the server stops in the background.
        let other = try Server(router: Router(), configuration: configuration)
        do {
            try await other.start()
        } catch let thrown {
            #expect(thrown == error)
        }
        try await onOwnThread { other.lifecycle.wait(for: .stopped) }
    }

    @Test("The failure of a service that is logged late does not end a later start")
    func lateFailure() async throws {
        let (events, log) = (Events(), Events())
        let other = try Server(router: Router(), configuration: Self.configuration())
        try await other.start()
        var configuration = Self.configuration()
        // Taken, so the start fails, but only after a second.
        configuration.port = other.port!
        configuration.shutdownTimeout = .zero
        configuration.log = ClosureLog {
            log.add($0)
            guard $0.level == .error else { return }
            try? events.wait(for: "second start")
        }
        configuration.services = [
            .init("worker") {
                if !events.has("second start") { throw Failure() }
                try await Task.sleep(for: .seconds(600))
            }
        ]
        let ended =
            "error: a service ended, and the server stops: "
            + "\(ServerError.serviceFailed(name: "worker", .init(Failure())))"
        let server = try Server(router: Router(), configuration: configuration)
        try await onOwnThread {
            // Usually at once: the service must fail before the start does.
            while !log.has(ended) { _ = #expect(throws: ServerError.self) { try server.start() } }
            #expect(server.phase == .created)
            // As `start` does, but without a failure of its own.
            try server.lifecycle.beginStart()
            events.add("second start")
            usleep(200_000)
            #expect(server.lifecycle.failure == nil && !server.lifecycle.isStartGivenUp)
            server.lifecycle.startFailed()
        }
        await other.stop()
    }

    @Test("A service, or a hook, that stops its server does not wait for itself", arguments: DriverKind.allCases)
    func stopsServer(driver: DriverKind) async throws {
        let box = Mutex<Server?>(nil)
        let events = Events()
        var configuration = Self.configuration(driver)
        configuration.services = [
            .init("quitting") {
                while !events.has("ready") { try await Task.sleep(for: .milliseconds(5)) }
                await box.withLock { $0 }?.stop()
                events.add("stop returned")
                try await Task.sleep(for: .seconds(600))
            }
        ]
        configuration.onStopping = { await box.withLock { $0 }?.stop() }
        let server = try Server(router: Router(), configuration: configuration)
        box.withLock { $0 = server }
        try await server.run { events.add("ready") }
        #expect(events.has("stop returned") && server.phase == .stopped)
        box.withLock { $0 = nil }
    }
}
