import HyperServe
import Synchronization
import TestSupport
import Testing

/// Limits of connections are limits of the server: they hold exactly, whatever the number of its reactors, and for
/// clients whose address is unknown too.
@Suite("Limits of a server with several reactors")
struct SharedLimitTests {
    private static let limit = 8

    @Test(
        "As many connections as the limit are served, and the next one gets 503, until one has ended",
        arguments: DriverKind.allCases, [1, 2, 4, 64])
    func connections(driver: DriverKind, threads: Int) async throws {
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.threads = threads
            configuration.maximumConnections = Self.limit
        }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            var clients: [RawClient] = []
            for number in 0..<Self.limit {
                // From any address: this limit is about all of them.
                clients.append(RawClient(port: port, from: 0x7F00_0001 + UInt32(number)))
                try clients[number].expectService()
            }
            for _ in 0..<4 { try RawClient(port: port).expectRefusalOfRequest() }
            for client in clients { try client.expectService() }
            clients.removeLast()
            try RawClient.expectRoom(port: port)
        }
    }

    @Test(
        "As many connections of one address as the limit are served, and as many of others",
        arguments: DriverKind.allCases, [1, 2, 4, 64])
    func connectionsPerAddress(driver: DriverKind, threads: Int) async throws {
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.threads = threads
            configuration.maximumConnectionsPerAddress = Self.limit
        }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            var clients: [RawClient] = []
            for source: UInt32 in [0x7F00_0001, 0x7F01_0203] {
                for _ in 0..<Self.limit {
                    clients.append(RawClient(port: port, from: source))
                    try clients.last?.expectService()
                }
                for _ in 0..<4 { try RawClient(port: port, from: source).expectRefusalOfRequest() }
            }
            for client in clients { try client.expectService() }
            clients.removeLast()
            try RawClient.expectRoom(port: port, from: 0x7F01_0203)
        }
    }

    @Test(
        "A client that resets its connections before they are accepted does not evade a rate limit",
        arguments: DriverKind.allCases)
    func resets(driver: DriverKind) async throws {
        let handled = Counter()
        var router = Router()
        router.use(RateLimit(5, per: .seconds(3600)))
        router.post("/") { _ in
            handled.value.add(1, ordering: .relaxed)
            return .text("handled")
        }
        let server = try Server(router: router, configuration: .init(port: 0, threads: 1, driver: driver))
        try await server.start()
        let port = server.port!
        try await onOwnThread {
            for _ in 0..<500 {
                let client = RawClient(port: port)
                try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
                client.reset()
            }
            // Connections are accepted in their order, so when this one is served, those before it have been.
            #expect(try RawClient(port: port, from: 0x7F01_0203).get("/").status == 405)
            #expect(handled.value.load(ordering: .relaxed) <= 5)
            let shedCount = server.statistics.map(\.shedConnections).reduce(0, +)
            #expect(shedCount > 0, "there were connections without an address")
            server.stopLeavingNothing()
        }
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }
}

extension RawClient {
    fileprivate func expectRefusalOfRequest() throws {
        try send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        try expectRefusal(503)
    }
}
