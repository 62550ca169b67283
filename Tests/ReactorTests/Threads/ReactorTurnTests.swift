import Glibc
import Platform
import TestSupport
import Testing

@testable import Reactor

/// How a reactor shares its turns among connections that all have more to do than a turn permits.
@Suite("A reactor's turn")
struct ReactorTurnTests {
    /// Twenty clients that each send ten requests, of which a turn handles one.
    private static var clients: [FaultyClient] {
        (0..<20).map { client in
            FaultyClient(
                requests: (0..<10).map { request in
                    (Requests.get("/\(client)/\(request)"), "GET /\(client)/\(request) keep\n")
                })
        }
    }

    @Test("handles few requests of deferred connections", arguments: [1, 2, 3])
    func deferredSteps(limit: Int) throws {
        let network = FaultyNetwork(seed: UInt64(limit), faultPercentage: 0, clients: Self.clients)
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var turns: [(receives: Int, requestsBefore: Int)] = []
        network.observeTurn = { turns.append(($0, mailbox.statistics.requests)) }
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumStepsPerTurn = 1
        configuration.turns.maximumDeferredStepsPerTurn = limit
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: mailbox, configuration: configuration)
        try reactor.run()
        #expect(network.clients.allSatisfy { $0.isServed }, "no client is left out")
        let handled = zip(turns, turns.dropFirst()).map { turn, next in
            (receives: turn.receives, requests: next.requestsBefore - turn.requestsBefore)
        }
        // A connection that receives, and has not used up its share, gets one response at once.
        #expect(handled.allSatisfy { $0.requests <= $0.receives + limit })
        #expect(handled.contains { $0.receives == 0 && $0.requests == limit })
    }

    @Test("begins at once while a connection is deferred, whatever has deferred it")
    func beginsAtOnce() throws {
        let network = FaultyNetwork(seed: 1, faultPercentage: 0, clients: [])
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: mailbox,
            configuration: ConnectionConfiguration())
        // As left by the tasks at the end of a turn, after the deferred connections of that turn.
        reactor.deferred = [Token(slot: 1, generation: 0)]
        try reactor.run()
        #expect(network.blockingWaits.prefix(2) == [false, true])
    }

    @Test("submits any number of receives from floods that bring little", arguments: [1, 4096])
    func littleBulk(unreadByteCount: Int) throws {
        #expect(try receivesOfFloods(count: 10, unreadByteCount: unreadByteCount) == 0)
    }

    @Test("submits one large receive from a flood", arguments: [4097, 64 * 1024, .max])
    func largeBulk(unreadByteCount: Int) throws {
        #expect(try receivesOfFloods(count: 1, unreadByteCount: unreadByteCount) == 1)
    }

    @Test("submits a large receive for a flood that pauses, if it is the only one or the last one", arguments: [1, 10])
    func pausingBulk(count: Int) throws {
        #expect(try receivesOfFloods(count: count, unreadByteCount: 0) == 1)
    }

    /// Returns the maximum number of large receives of a turn, with clients that send nothing but a flood.
    private func receivesOfFloods(count: Int, unreadByteCount: Int) throws -> Int? {
        let clients = (0..<count).map { client in
            FaultyClient(
                requests: (0..<10).map { (Requests.get("/\(client)/\($0)"), "GET /\(client)/\($0) keep\n") })
        }
        let network = FaultyNetwork(seed: 1, faultPercentage: 0, clients: clients)
        network.unreadByteCount = unreadByteCount
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var configuration = ConnectionConfiguration()
        configuration.turns.floodByteCount = 1
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: mailbox, configuration: configuration)
        try reactor.run()
        #expect(network.clients.allSatisfy { $0.isServed } && network.violations == [])
        return network.bulkCounts.max()
    }

    @Test("submits one large operation, after all others")
    func bulk() throws {
        let large = String(repeating: "x", count: 100_000)
        let clients = (0..<10).map { number in
            FaultyClient(requests: [
                (Requests.get("/first"), "GET /first keep\n"), (Requests.get("/big/100000"), large),
                (Requests.get("/\(number)"), "GET /\(number) keep\n"),
            ])
        }
        let network = FaultyNetwork(seed: 1, faultPercentage: 0, clients: clients)
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var configuration = ConnectionConfiguration()
        configuration.turns.floodByteCount = 32
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: mailbox, configuration: configuration)
        try reactor.run()
        #expect(network.clients.allSatisfy { $0.isServed } && network.violations == [])
        #expect(network.bulkCounts.max() == 1 && network.bulkCounts.count { $0 == 1 } >= 10)
    }

    @Test("turns away few connections for lack of descriptors, and continues until none wait")
    func sheds() throws {
        let waitingCount = 40
        let served = FaultyClient(requests: [(Requests.get("/"), "GET / keep\n")])
        let network = FaultyNetwork(seed: 1, faultPercentage: 0, clients: [served])
        // Five turns accept eight each, and the sixth finds none.
        network.planned = PlannedFault(.accept, EMFILE, breaks: false, times: 6)
        let listener = try Listener.open(host: "127.0.0.1", port: 0)
        let waiting = (0..<waitingCount).map { _ in
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            #expect(unsafe listener.socketAddress.withSockaddr { unsafe connect(client, $0, $1) } == 0)
            // A connection can be accepted once its first bytes have arrived.
            #expect(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            return client
        }
        defer { for client in waiting { close(client) } }
        let mailbox = try network.makeMailbox()
        network.requestStop = { mailbox.requestStop(deadline: Clock.nanoseconds() + 5_000_000_000) }
        var shedCounts: [Int] = []
        network.observeTurn = { _ in shedCounts.append(mailbox.statistics.shedConnections) }
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [ReactorListener(listener, application: ScriptedApplication())],
            mailbox: mailbox, configuration: ConnectionConfiguration())
        try reactor.run()
        #expect(network.planned?.isOver == true && network.clients[0].isServed)
        #expect(shedCounts.last == waitingCount)
        let turns = zip(shedCounts, shedCounts.dropFirst()).map { $1 - $0 }
        #expect(turns.filter { $0 > 0 } == [8, 8, 8, 8, 8])
    }
}
