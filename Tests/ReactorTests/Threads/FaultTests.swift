import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// A reactor over a kernel in which every operation fails now and then. Whatever happens, nothing leaks, and no client
/// gets the response to another.
@Suite("Faults")
struct FaultTests {
    private static let clientCount = 60

    /// Requests of all kinds, each with its response.
    private static func client(_ number: Int, _ random: inout SeededGenerator) -> FaultyClient {
        let count = Int.random(in: 1...12, using: &random)
        return FaultyClient(
            requests: (0..<count).map { index in
                let path = "/\(number)/\(index)"
                switch random.next() % 4 {
                case 0:
                    let body = String(repeating: "b", count: Int.random(in: 1...300, using: &random))
                    return (Requests.post(path, body), "POST \(path) keep \(body.utf8.count):\(body)\n")
                case 1:
                    return (Requests.post(path, chunks: ["one", "three"]), "POST \(path) keep 8:onethree\n")
                case 2:
                    let length = Int.random(in: 1...2000, using: &random)
                    return (Requests.get("/big/\(length)"), String(repeating: "x", count: length))
                default:
                    return (Requests.get(path), "GET \(path) keep\n")
                }
            })
    }

    /// The outcome of each fault of each operation. A fault that doesn't pass ends the connection; only a failure to
    /// wait or accept ends the reactor. Shutdown and close have no completion that could report a failure.
    private static let plannedFaults: [PlannedFault] = {
        let passing: [(Operation.Kind, [Int32])] = [
            (.accept, [EINTR, EAGAIN, ECONNABORTED, ECONNRESET, EPROTO, EMFILE, ENFILE, ENOMEM, ENOBUFS]),
            (.receive, [EINTR, EAGAIN, ENOBUFS, ECANCELED]),
            (.send, [EINTR, EAGAIN, 0]),
            // Waiting succeeds again after all of these; with EBADR, operations were lost.
            (.wake, [EINTR, EAGAIN, EBUSY, ENOMEM, ENOBUFS, ENOSPC]),
        ]
        let breaking: [(Operation.Kind, [Int32])] = [
            (.receive, [ECONNRESET, ETIMEDOUT, EPIPE, ENOMEM, EHOSTUNREACH]),
            (.send, [ECONNRESET, ETIMEDOUT, EPIPE, ENOMEM, ENOBUFS, EHOSTUNREACH]),
        ]
        let passed = passing.flatMap { operation, failures in
            failures.flatMap { failure in
                [(0, 1), (0, 3), (2, 1)].map {
                    PlannedFault(operation, failure, breaks: false, after: $0, times: $1)
                }
            }
        }
        let broken = breaking.flatMap { operation, failures in
            failures.flatMap { failure in
                [0, 1, 2].map { PlannedFault(operation, failure, breaks: true, after: $0, times: 1) }
            }
        }
        return passed + broken
    }()

    @Test("Each fault of each operation has its documented outcome", arguments: plannedFaults)
    func planned(fault: PlannedFault) throws {
        let network = try run(seed: 3, faultPercentage: 0, planned: fault)
        #expect(network.planned?.isOver == true)
        #expect(network.clients.allSatisfy { $0.isServed })
        #expect(network.clients.count { $0.isBroken } == (fault.breaks ? 1 : 0))
    }

    @Test(
        "A reactor that can't wait or accept any more reports the reason", arguments: [EBADF, EINVAL, EFAULT], [0, 5])
    func failsForGood(failure: Int32, passing: Int) throws {
        for (operation, name) in [(Operation.Kind.wake, "wait"), (.accept, "accept")] {
            let fault = PlannedFault(operation, failure, breaks: true, after: passing, times: 1)
            #expect(throws: SystemError(name, code: failure)) {
                _ = try run(seed: 3, faultPercentage: 0, planned: fault)
            }
        }
    }

    @Test("A passing failure that does not pass ends the reactor", arguments: [ENOMEM, EAGAIN, EBADR])
    func failsForTooLong(failure: Int32) throws {
        let begin = Clock.nanoseconds()
        let fault = PlannedFault(.wake, failure, breaks: true, after: 5, times: .max)
        #expect(throws: SystemError("wait", code: failure)) {
            _ = try run(seed: 3, faultPercentage: 0, planned: fault)
        }
        #expect(Clock.nanoseconds() - begin >= 300_000_000, "not at once")
    }

    @Test("Lost operations end their connections, and later connections are served", arguments: [5, 10, 40])
    func losesOperations(passing: Int) throws {
        let lines = Mutex<[String]>([])
        let fault = PlannedFault(.wake, EBADR, breaks: true, after: passing, times: 2)
        let network = try run(seed: 3, faultPercentage: 0, planned: fault) { line in
            lines.withLock { $0.append(line) }
        }
        #expect(network.clients.allSatisfy { $0.isServed })
        let brokenCount = network.clients.count { $0.isBroken }
        #expect(brokenCount > 0 && brokenCount < network.clients.count)
        let message = "operations were lost; a reactor closes its connections and goes on"
        #expect(
            lines.withLock { $0 } == [#"error: \#(message) error="wait: Invalid request descriptor (53)""#],
            "the second failure is not reported again")
    }

    /// Serves some clients over a network with faults until all of them are gone, and checks for leaks.
    private func run(
        seed: UInt64, faultPercentage: Int, losesABuffer: Bool = false, planned: PlannedFault? = nil,
        log: (@Sendable (String) -> Void)? = nil
    ) throws -> FaultyNetwork {
        var random = SeededGenerator(seed: seed)
        let clients = (0..<Self.clientCount).map { Self.client($0, &random) }
        let network = FaultyNetwork(seed: seed, faultPercentage: faultPercentage, clients: clients)
        network.losesABuffer = losesABuffer
        network.planned = planned
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var configuration = ConnectionConfiguration()
        configuration.buffers.inputHighWaterByteCount = 256
        configuration.buffers.outputHighWaterByteCount = 1024
        configuration.turns.maximumStepsPerTurn = 2
        configuration.turns.maximumDeferredStepsPerTurn = 3
        configuration.maximumConnections = Self.clientCount
        configuration.timeouts.waitFailureLimitMilliseconds = 300
        configuration.log = EventLog(log.map { log in ClosureLog { log("\($0)") } })
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: mailbox, configuration: configuration)
        try reactor.run()
        #expect(reactor.connections.count == 0, "no slot is in use")
        #expect(reactor.wheel.count == 0, "no timer is set")
        let lost = network.losesABuffer ? 1 : 0
        #expect(reactor.driver.buffersInUse == lost, "no buffer is held")
        let statistics = mailbox.statistics
        #expect(statistics.openConnections == 0 && statistics.connectionSlots == 0 && statistics.deadlines == 0)
        #expect(statistics.receiveBuffers == lost, "the statistics report it")
        #expect(reactor.accepting.clients.total == 0, "no client is counted")
        #expect(network.openCount == 0, "no socket is open")
        #expect(network.violations.isEmpty)
        return network
    }

    @Test("Without faults every client gets its responses", arguments: [1, 2] as [UInt64])
    func withoutFaults(seed: UInt64) throws {
        let network = try run(seed: seed, faultPercentage: 0)
        #expect(network.clients.allSatisfy { !$0.isBroken && $0.isServed })
    }

    @Test(
        "With faults nothing leaks, and clients with an unbroken connection get their responses",
        arguments: (1...12).map { UInt64($0) }, [1, 5, 25])
    func withFaults(seed: UInt64, faultPercentage: Int) throws {
        let network = try run(seed: seed &* 1000 &+ UInt64(faultPercentage), faultPercentage: faultPercentage)
        for (number, client) in network.clients.enumerated() {
            #expect(client.isServed, "client \(number) of \(network.clients.count), broken: \(client.isBroken)")
        }
    }

    @Test("A buffer that was not returned is counted at the end")
    func countsWhatIsLost() throws {
        _ = try run(seed: 1, faultPercentage: 5, losesABuffer: true)
    }

    @Test("Every kind of fault occurs")
    func meetsEveryFault() throws {
        let faults = try run(seed: 7, faultPercentage: 10).faults
        let kinds = [
            "a turn without completions", "accept fails", "accept ends with a connection", "send is interrupted",
            "send fails", "send of a byte", "receive is interrupted", "receive fails", "receive ends with bytes",
            "buffers are exhausted", "a stale completion", "a peer is lost without a receive",
        ]
        for kind in kinds { #expect(faults[kind, default: 0] > 0, "\(kind)") }
    }
}
