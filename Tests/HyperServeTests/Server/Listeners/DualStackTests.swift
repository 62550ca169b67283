import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

@testable import Reactor

/// A listener on `::` accepts clients of IPv4 too, whose addresses the kernel maps into IPv6.
@Suite("A client of IPv4 on a listener for both families", .timeLimit(.minutes(20)))
struct DualStackTests {
    /// Whether this machine has IPv6.
    private static let hasIPv6 = (try? Listener.open(host: "::", port: 0)) != nil

    private static func connect(_ text: String, _ port: Int) throws -> RawClient {
        let address = try #require(SocketAddress(text)).with(port: port)
        return try RawClient(to: .tcp(address))
    }

    @Test("has an IPv4 address, in every kind of handler", .enabled(if: hasIPv6), arguments: DriverKind.allCases)
    func peer(driver: DriverKind) async throws {
        @Sendable func describe(_ request: borrowing Request) -> Response {
            let peer = request.peerAddress
            return .text(peer.map { "\($0.kind) \($0.host) \($0.description.hasPrefix("\($0.host):"))" } ?? "none")
        }
        var router = Router()
        router.get("/inline") { request in describe(request) }
        router.get("/blocking", .blocking) { request in describe(request) }
        router.get("/async") { request async in describe(request) }
        try await withListeners(driver, router, [.tcp(host: "::", port: 0)]) { server in
            let port = try #require(server.port)
            for path in ["/inline", "/blocking", "/async"] {
                #expect(try Self.connect("127.0.0.1:0", port).get(path).text == "ipv4 127.0.0.1 true")
                #expect(try Self.connect("[::1]:0", port).get(path).text == "ipv6 ::1 false")
            }
        }
    }

    @Test("is logged with its IPv4 address", .enabled(if: hasIPv6), arguments: DriverKind.allCases)
    func accessLog(driver: DriverKind) async throws {
        let lines = LogLines()
        let log = AccessLog(.common) { lines.add($0) }
        var router = Router()
        router.use(log)
        router.get("/") { _ in .text("") }
        try await withListeners(driver, router, [.tcp(host: "::", port: 0)]) { server in
            let port = try #require(server.port)
            _ = try Self.connect("127.0.0.1:0", port).get("/")
            _ = try Self.connect("[::1]:0", port).get("/")
        }
        try await lines.wait(for: 2, of: log)
        #expect(Set(lines.all.map { $0.prefix { $0 != " " } }) == ["127.0.0.1", "::1"])
    }

    @Test("is counted by its IPv4 address", .enabled(if: hasIPv6), arguments: DriverKind.allCases)
    func limits(driver: DriverKind) async throws {
        var router = Router()
        router.use(RateLimit(1, per: .seconds(3600)))
        router.get("/") { _ in .text("") }
        // The same client on both listeners.
        let listeners: [ServerConfiguration.Listener] = [.tcp(host: "::", port: 0), .tcp(host: "127.0.0.1", port: 0)]
        try await withListeners(driver, threads: 1, router, listeners) { server in
            let ports = server.addresses.compactMap { address in
                if case .tcp(let address) = address { address.port } else { nil }
            }
            try #require(ports.count == 2)
            #expect(try RawClient(port: ports[0]).get("/").status == 200)
            #expect(try RawClient(port: ports[0]).get("/").status == 429)
            #expect(try RawClient(port: ports[1]).get("/").status == 429)
            #expect(try RawClient(port: ports[0], from: 0x7F00_0002).get("/").status == 200)
            #expect(try Self.connect("[::1]:0", ports[0]).get("/").status == 200)
        }
    }
}
