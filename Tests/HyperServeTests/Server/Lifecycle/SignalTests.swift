import Glibc
import Platform
import Reactor
import TestSupport
import Testing

@testable import HyperServe

/// SIGINT and SIGTERM, in separate processes.
@Suite("Signals")
struct SignalTests {
    /// Runs servers until a signal, which comes once all serve. All of them must end without an error.
    private static func run(_ count: Int, until signal: Int32) throws {
        let ready = Signals()
        let threads = try (0..<count).map { _ in
            let server = try Server(router: Router(), configuration: .init(port: 0, threads: 1))
            return inBackground {
                do {
                    try server.run { ready.semaphore.signal() }
                    ready.ended.signal()
                } catch {}
            }
        }
        for _ in threads { ready.semaphore.wait() }
        kill(getpid(), signal)
        for thread in threads { thread.wait() }
        for _ in threads { ready.ended.wait() }
    }

    /// Runs a server, on the calling thread, until it is ready.
    private static func runAndStop(_ server: Server) throws(ServerError) { try server.run { server.stop() } }

    private final class Signals: Sendable {
        let semaphore = Semaphore()
        let ended = Semaphore()
    }

    private static func allowSignals() {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
    }

    private static func disposition(of signal: Int32) -> Bool {
        var action = sigaction()
        _ = unsafe sigaction(signal, nil, &action)
        // SIG_DFL is a null pointer.
        return unsafe action.__sigaction_handler.sa_handler == nil
    }

    @Test("stop all running servers of a process, and then have their old dispositions")
    func severalServers() async {
        await #expect(processExitsWith: .success) {
            SignalTests.allowSignals()
            try SignalTests.run(3, until: SIGTERM)
            #expect(SignalTests.disposition(of: SIGTERM) && SignalTests.disposition(of: SIGINT))
            // A signal for earlier servers does not stop these.
            try SignalTests.run(1, until: SIGINT)
            #expect(SignalTests.disposition(of: SIGTERM) && SignalTests.disposition(of: SIGINT))
        }
    }

    @Test("stop a running server, but not one that was started without run")
    func startedServer() async {
        await #expect(processExitsWith: .success) {
            SignalTests.allowSignals()
            let started = try Server(router: Router(), configuration: .init(port: 0, threads: 1))
            try started.start()
            try SignalTests.run(1, until: SIGTERM)
            #expect(started.lifecycle.phase == .serving)
            started.stop()
        }
    }

    /// Serves a request whose handler waits for ten minutes, and sends itself two signals meanwhile.
    private static func interruptTwice(_ driver: DriverKind, path: String, drainDelay: Duration) throws {
        let begun = Semaphore()
        var router = Router()
        router.get("/async") { _ async throws in
            begun.signal()
            try await Task.sleep(for: .seconds(600))
            return .text("late")
        }
        router.get("/blocking", .blocking) { _ in
            begun.signal()
            sleep(600)
            return .text("late")
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.handlerTimeout = .seconds(600)
        configuration.drainDelay = drainDelay
        configuration.services = [.init("stubborn") { await Task { try? await Task.sleep(for: .seconds(600)) }.value }]
        configuration.onStopping = { try? await Task.sleep(for: drainDelay) }
        let server = try Server(router: router, configuration: configuration)
        let runs = inBackground { #expect(throws: Never.self) { try server.run() } }
        server.lifecycle.wait(for: .serving)
        let client = RawClient(port: server.port!)
        try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        begun.wait()
        kill(getpid(), SIGTERM)
        server.lifecycle.wait(for: drainDelay > .zero ? .draining : .closing)
        usleep(100_000)
        #expect(server.phase == (drainDelay > .zero ? .draining : .closing), "it waits")
        // Here and not around the process, whose end the test may learn of late.
        let start = ContinuousClock.now
        kill(getpid(), SIGINT)
        runs.wait()
        #expect(ContinuousClock.now - start < .seconds(300))
        #expect(server.phase == .stopped)
        #expect(try client.readToEnd() == [])
    }

    @Test(
        "A second one closes everything at once", arguments: DriverKind.allCases,
        [("/async", 0), ("/blocking", 0), ("/async", 600)])
    func secondSignal(driver: DriverKind, work: (path: String, drainSeconds: Int)) async {
        let (name, path, seconds) = (driver.rawValue, work.path, work.drainSeconds)
        await #expect(processExitsWith: .success) {
            [name = name as String, path = path as String, seconds = seconds as Int] in
            SignalTests.allowSignals()
            let driver = try #require(DriverKind(rawValue: name))
            try SignalTests.interruptTwice(driver, path: path, drainDelay: .seconds(seconds))
            // A handler that blocks is left alone.
            exit(0)
        }
    }

    /// Runs servers that are stopped while they start, until one is late enough to have to be closed, and sends itself
    /// two signals meanwhile.
    private static func interruptTwiceWhileStarting(_ driver: DriverKind) throws {
        var isDone = false
        while !isDone {
            let events = Events()
            var configuration = ServerConfiguration(port: 0, threads: 8, driver: driver)
            configuration.shutdownTimeout = .seconds(600)
            configuration.onStopping = {
                events.add("onStopping")
                try? await Task.sleep(for: .seconds(600))
            }
            let server = try Server(router: Router(), configuration: configuration)
            let stops = inBackground {
                server.lifecycle.wait(for: .starting)
                usleep(500)
                server.closing.begin()
            }
            let runs = inBackground {
                try? server.run()
                events.add("returned")
            }
            stops.wait()
            while !events.has("onStopping"), !events.has("returned") { usleep(1000) }
            isDone = events.has("onStopping") && !server.lifecycle.hasServed
            kill(getpid(), SIGTERM)
            usleep(100_000)
            kill(getpid(), SIGTERM)
            let start = ContinuousClock.now
            runs.wait()
            #expect(ContinuousClock.now - start < .seconds(300))
            #expect(server.phase == .stopped)
        }
    }

    @Test("A second one closes everything at once if the stop follows the start", arguments: DriverKind.allCases)
    func secondSignalWhileStarting(driver: DriverKind) async {
        await #expect(processExitsWith: .success) { [name = driver.rawValue as String] in
            SignalTests.allowSignals()
            // Also while no server runs.
            let signals = EndingSignals()
            try SignalTests.interruptTwiceWhileStarting(try #require(DriverKind(rawValue: name)))
            withExtendedLifetime(signals) {}
        }
    }

    @Test("end an async run, and have their old dispositions afterwards", arguments: [SIGTERM, SIGINT])
    func asyncRun(signal: Int32) async {
        await #expect(processExitsWith: .success) { [signal = signal as Int32] in
            SignalTests.allowSignals()
            let server = try Server(router: Router(), configuration: .init(port: 0, threads: 1))
            try await server.run { kill(getpid(), signal) }
            #expect(server.phase == .stopped && server.lifecycle.hasServed)
            #expect(SignalTests.disposition(of: SIGTERM) && SignalTests.disposition(of: SIGINT))
        }
    }

    @Test("A server runs, or throws the reason, however few descriptors are left")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            SignalTests.allowSignals()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            let lowest = dup(0)
            close(lowest)
            // The hard limit too: the server raises the soft one.
            var limit = rlimit(rlim_cur: rlim_t(lowest) + 300, rlim_max: rlim_t(lowest) + 300)
            #expect(unsafe setrlimit(resource, &limit) == 0)
            var taken: [Int32] = []
            while case let copy = dup(0), copy >= 0 { taken.append(copy) }
            var isServed = false
            var failureCount = 0
            while !isServed {
                let server = try Server(router: Router(), configuration: .init(port: 0, threads: 1))
                do throws(ServerError) {
                    try SignalTests.runAndStop(server)
                    isServed = true
                } catch {
                    failureCount += 1
                    let isExpected =
                        if case .tooFewDescriptors = error { true } else { error == .cannotListen(.noDescriptors) }
                    #expect(isExpected, "\(error)")
                    #expect(server.lifecycle.phase == .created)
                    guard let last = taken.popLast() else { break }
                    close(last)
                }
            }
            // A process under a sanitizer opens files when it ends.
            for descriptor in taken { close(descriptor) }
            #expect(failureCount > 0)
            #expect(isServed)
        }
    }
}
