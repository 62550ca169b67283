import Glibc
import Platform
import Reactor
import TestSupport
import Testing

@testable import HyperServe

/// `start`, `stop` and `run` on several threads at once.
@Suite("Concurrent calls of a server's life cycle")
struct ConcurrentCallTests {
    /// The events of a test's threads.
    private final class Record: Sendable {
        private let lines = Locked<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    /// A route whose handler waits until the test releases it.
    private final class Gate: Sendable {
        let ready = Semaphore()
        let entered = Semaphore()
        let goOn = Semaphore()

        var router: Router {
            var router = Router()
            router.get("/slow", .blocking) { [self] _ in
                entered.signal()
                goOn.wait()
                return .text("slow")
            }
            return router
        }
    }

    private static func makeServer(_ router: Router, _ driver: DriverKind) throws -> Server {
        try Server(router: router, configuration: .init(port: 0, threads: 2, driver: driver))
    }

    @Test(
        "Stopped by another thread, run returns after the response to a request in progress",
        arguments: DriverKind.allCases)
    func stopsRun(driver: DriverKind) async throws {
        try await onOwnThread {
            let gate = Gate()
            let record = Record()
            let server = try Self.makeServer(gate.router, driver)
            let runner = inBackground {
                do throws(ServerError) {
                    try server.run { gate.ready.signal() }
                    record.add("run returns, \(server.lifecycle.phase)")
                } catch {
                    record.add("\(error)")
                }
            }
            gate.ready.wait()
            let client = RawClient(port: server.port!)
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            gate.entered.wait()
            let stoppers = (0..<2).map { _ in
                inBackground {
                    server.stop()
                    record.add("stop returns, \(server.lifecycle.phase)")
                }
            }
            server.lifecycle.wait(for: .closing)
            usleep(300_000)
            #expect(record.all == [], "all of them wait for the request")
            #expect(server.port != nil && server.driver == driver && server.statistics.count == 2)
            gate.goOn.signal()
            #expect(try client.readResponse().text == "slow")
            #expect(try client.readToEnd() == [], "nothing follows")
            for thread in stoppers + [runner] { thread.wait() }
            #expect(
                record.all.sorted() == ["run returns, stopped", "stop returns, stopped", "stop returns, stopped"])
            #expect(Leaks.list(server.statistics) == [])
        }
    }

    @Test("A stop waits for a start, which then throws that it was stopped", arguments: DriverKind.allCases)
    func stopsStart(driver: DriverKind) async throws {
        try await onOwnThread {
            let lifecycle = ServerLifecycle(grace: .seconds(5))
            try lifecycle.beginStart()
            #expect(throws: ServerError.alreadyStarted) { try lifecycle.beginStart() }
            #expect(lifecycle.requestStop() == nil, "nothing to close yet")
            #expect(lifecycle.requestStop() == nil)
            #expect(lifecycle.phase == .starting)
            var configuration = ReactorGroupConfiguration()
            configuration.addresses = [.tcp(host: "127.0.0.1", port: 0)]
            configuration.driver = driver
            let server = try Server(router: Router())
            let service = try server.makeService()
            let group = try ReactorGroup(
                configuration: configuration, makeApplications: { [service.makeApplication()] })
            let closed = try #require(lifecycle.didStart(group), "the starting thread has to close it")
            #expect(lifecycle.phase == .draining && !lifecycle.hasServed)
            #expect(lifecycle.requestStop() == nil, "one thread is enough")
            #expect(throws: ServerError.stopped) { try lifecycle.beginStart() }
            lifecycle.beginClosing()
            #expect(lifecycle.phase == .closing)
            closed.requestStop(deadlineMilliseconds: 0)
            #expect(closed.join() == [])
            lifecycle.reactorsEnded()
            #expect(lifecycle.phase == .ending)
            #expect(throws: ServerError.stopped) { try lifecycle.beginStart() }
            service.stop()
            lifecycle.didClose()
            #expect(lifecycle.phase == .stopped && lifecycle.group == nil && lifecycle.requestStop() == nil)
        }
    }

    @Test("A stop during a start that fails takes effect")
    func stopsFailingStart() throws {
        let lifecycle = ServerLifecycle(grace: .seconds(5))
        try lifecycle.beginStart()
        #expect(lifecycle.requestStop() == nil)
        lifecycle.startFailed()
        #expect(lifecycle.phase == .stopped)
        #expect(throws: ServerError.stopped) { try lifecycle.beginStart() }
    }

    @Test("However many threads start, run and stop at once, one serves and all return", arguments: DriverKind.allCases)
    func stress(driver: DriverKind) async throws {
        try await onOwnThread {
            for round in 0..<8 {
                let server = try Self.makeServer(Router(), driver)
                let record = Record()
                let threads = (0..<9).map { number in
                    inBackground {
                        usleep(UInt32.random(in: 0...UInt32(1 + round * 300)))
                        do throws(ServerError) {
                            switch number % 3 {
                            case 0: try server.start()
                            case 1: try server.run()
                            default:
                                server.stop()
                                #expect(server.lifecycle.phase == .stopped)
                            }
                        } catch {
                            record.add("\(error)")
                        }
                    }
                }
                for thread in threads { thread.wait() }
                let allowed = ["\(ServerError.alreadyStarted)", "\(ServerError.stopped)"]
                #expect(record.all.allSatisfy { allowed.contains($0) }, "\(record.all)")
                #expect(server.lifecycle.phase == .stopped && server.lifecycle.group == nil)
                #expect(Leaks.list(server.statistics) == [])
            }
        }
    }
}
