import Glibc
import TestSupport
import Testing

@testable import HyperServe

/// `start`, `stop` and `run` in every order, one after the other.
@Suite("Calls of a server's life cycle")
struct CallOrderTests {
    enum Call: String, CaseIterable { case start, stop, run }

    /// All sequences of up to three calls.
    private static let sequences: [[Call]] = {
        let one = Call.allCases.map { [$0] }
        let two = one.flatMap { calls in Call.allCases.map { calls + [$0] } }
        return one + two + two.flatMap { calls in Call.allCases.map { calls + [$0] } }
    }()

    /// The documented state of a server.
    private struct Expectation {
        var phase = ServerLifecycle.Phase.created
        var hasServed = false

        /// The error of the call. `run` is stopped as soon as it serves.
        mutating func make(_ call: Call) -> ServerError? {
            switch (call, phase) {
            case (.start, .created):
                (phase, hasServed) = (.serving, true)
                return nil
            case (.run, .created):
                (phase, hasServed) = (.stopped, true)
                return nil
            case (.stop, _):
                phase = .stopped
                return nil
            case (.run, .stopped): return hasServed ? .stopped : nil
            case (.start, .stopped): return .stopped
            default: return .alreadyStarted
            }
        }
    }

    private static func make(_ call: Call, of server: Server) -> ServerError? {
        do throws(ServerError) {
            switch call {
            case .start: try server.start()
            case .stop: server.stop()
            case .run:
                try server.run {
                    #expect(server.lifecycle.phase == .serving && server.port != nil)
                    server.stop()
                }
            }
            return nil
        } catch {
            return error
        }
    }

    /// Checks the properties of a server in a phase.
    private static func check(_ server: Server, _ expected: Expectation, _ driver: DriverKind, _ calls: [Call]) {
        let isServing = expected.phase == .serving
        #expect(server.lifecycle.phase == expected.phase, "\(calls)")
        #expect((server.port ?? 0 > 0) == isServing, "\(calls)")
        #expect(server.address?.port == server.port, "\(calls)")
        #expect(server.driver == (isServing ? driver : nil), "\(calls)")
        #expect(server.fallbackReason == nil)
        #expect(server.statistics.count == (expected.hasServed ? 2 : 0), "\(calls)")
    }

    @Test("have the results that are documented, in all orders", arguments: sequences, DriverKind.allCases)
    func allOrders(calls: [Call], driver: DriverKind) async throws {
        try await onOwnThread {
            var router = Router()
            router.get("/") { _ in .text("ok") }
            let server = try Server(router: router, configuration: .init(port: 0, threads: 2, driver: driver))
            var expected = Expectation()
            Self.check(server, expected, driver, [])
            for (index, call) in calls.enumerated() {
                let error = expected.make(call)
                #expect(Self.make(call, of: server) == error, "\(calls[...index])")
                Self.check(server, expected, driver, calls)
                if let port = server.port { #expect(try RawClient(port: port).get("/").text == "ok") }
            }
            server.stopLeavingNothing()
            #expect(server.lifecycle.phase == .stopped)
        }
    }

    @Test("A start that failed may be tried again", arguments: DriverKind.allCases)
    func startsAgain(driver: DriverKind) async throws {
        try await onOwnThread {
            var configuration = ServerConfiguration(host: LoopbackAddress.lifecycle.text, port: 0, threads: 2)
            configuration.driver = driver
            var router = Router()
            router.get("/", .blocking) { _ in .text("ok") }
            let first = try Server(router: router, configuration: configuration)
            try first.start()
            configuration.port = first.port!
            let second = try Server(router: router, configuration: configuration)
            for _ in 0..<2 {
                #expect(throws: ServerError.cannotListen(.addressInUse("\(first.address!)"))) { try second.start() }
                #expect(second.lifecycle.phase == .created && second.port == nil && second.statistics.isEmpty)
            }
            first.stop()
            // A process that another test is starting may hold a copy of the listener for a moment.
            for _ in 0..<500 where second.lifecycle.phase == .created {
                if (try? second.start()) == nil { usleep(10_000) }
            }
            #expect(second.lifecycle.phase == .serving)
            #expect(try RawClient(port: configuration.port, at: .lifecycle).get("/").text == "ok")
            second.stopLeavingNothing()
        }
    }

    @Test("A server whose start failed can be stopped, and then can't be started")
    func stopsAfterFailure() async throws {
        try await onOwnThread {
            let server = try Server(router: Router(), configuration: .init(host: "192.0.2.1", port: 0, threads: 1))
            #expect(throws: ServerError.self) { try server.run() }
            server.stop()
            #expect(throws: ServerError.stopped) { try server.start() }
        }
    }
}
