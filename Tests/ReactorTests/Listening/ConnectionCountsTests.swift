import Glibc
import Platform
import TestSupport
import Testing

@testable import Reactor

/// The counts of connections, which all reactors of a server share for its limits.
@Suite("Counts of connections")
struct ConnectionCountsTests {
    private static func client(_ host: String) throws -> ClientKey {
        try #require(try SocketAddress.resolve(host: host, port: 80).first).clientKey
    }

    @Test("Both limits hold exactly, and removing a connection makes room for another")
    func limits() throws {
        let counts = ConnectionCounts()
        let (one, other) = (try Self.client("192.0.2.1"), try Self.client("2001:db8::1"))
        func add(_ client: ClientKey) -> Bool { counts.add(client, maximum: 3, maximumPerClient: 2) }
        #expect(add(one) && add(one) && !add(one))
        #expect(counts.total == 2 && counts.clientCount == 1, "one refused by its client's limit is not counted")
        #expect(add(other) && !add(other) && !add(one))
        #expect(counts.total == 3 && counts.clientCount == 2)
        counts.remove(one)
        #expect(add(other) && !add(one))
        for client in [one, other, other] { counts.remove(client) }
        #expect(counts.total == 0 && counts.clientCount == 0, "a client without connections has no entry")
    }

    @Test("Concurrent threads never exceed the limits, and the counts return to zero")
    func threads() throws {
        let counts = ConnectionCounts()
        let clients = try (1...8).map { try Self.client("192.0.2.\($0)") }
        let (maximum, maximumPerClient) = (10, 3)
        let overruns = Locked(0)
        let held = clients.map { _ in Locked(0) }
        let all = Locked(0)
        let threads = (0..<4).map { thread in
            inBackground {
                var random = SeededGenerator(seed: UInt64(thread + 1))
                for _ in 0..<20_000 {
                    let index = Int.random(in: 0..<clients.count, using: &random)
                    guard counts.add(clients[index], maximum: maximum, maximumPerClient: maximumPerClient) else {
                        continue
                    }
                    // Counted independently while the connections are held: never above the limits.
                    for (count, limit) in [(held[index], maximumPerClient), (all, maximum)] {
                        let isOver = count.withLock { count in
                            count += 1
                            return count > limit
                        }
                        if isOver { overruns.withLock { $0 += 1 } }
                    }
                    for count in [held[index], all] { count.withLock { $0 -= 1 } }
                    counts.remove(clients[index])
                }
            }
        }
        for thread in threads { thread.wait() }
        #expect(overruns.withLock { $0 } == 0)
        #expect(counts.total == 0 && counts.clientCount == 0)
        #expect(counts.add(clients[0], maximum: 1, maximumPerClient: 1))
    }

    @Test("A reactor that fails removes its connections from the counts, and no others")
    func failure() throws {
        let counts = ConnectionCounts()
        // Connections of another reactor.
        let other = try Self.client("192.0.2.2")
        for _ in 0..<2 { #expect(counts.add(other, maximum: 100, maximumPerClient: 100)) }
        let clients = (0..<20).map { _ in FaultyClient(requests: [(Requests.get("/"), "GET / keep\n")]) }
        let network = FaultyNetwork(seed: 1, faultPercentage: 0, clients: clients)
        network.planned = PlannedFault(.wake, EBADF, breaks: true, after: 2, times: 1)
        var most = 0
        network.observeTurn = { _ in most = max(most, counts.total) }
        var reactor = Reactor(
            driver: FaultyDriver(network), listeners: [try .forTests()], mailbox: try network.makeMailbox(),
            configuration: ConnectionConfiguration(), clients: counts)
        #expect(throws: SystemError("wait", code: EBADF)) { try reactor.run() }
        #expect(most > 2 && reactor.connections.count > 0, "it had connections when it failed")
        #expect(counts.total == 2 && counts.clientCount == 1)
    }
}
