import Glibc
import Testing

@testable import Reactor

@Suite("Socket address")
struct SocketAddressTests {
    @Test(
        "Numeric addresses are parsed and formatted",
        arguments: [
            ("127.0.0.1", 8080, "127.0.0.1:8080"), ("0.0.0.0", 0, "0.0.0.0:0"), ("::1", 65_535, "[::1]:65535"),
            ("::", 1, "[::]:1"), ("2001:db8:0:0::1", 443, "[2001:db8::1]:443"),
        ])
    func numbers(host: String, port: Int, description: String) throws {
        let addresses = try SocketAddress.resolve(host: host, port: port)
        #expect(addresses.count == 1)
        let address = try #require(addresses.first)
        #expect("\(address)" == description)
        #expect(address.port == port)
        #expect(address.family == (host.contains(":") ? AF_INET6 : AF_INET))
    }

    @Test("An address is small, since each connection stores one")
    func size() {
        #expect(MemoryLayout<SocketAddress?>.stride == 24)
    }

    @Test(
        "A client is an IPv4 address, including one mapped into IPv6, or an IPv6 /64",
        arguments: [
            ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
            ("192.0.2.1", "::ffff:192.0.2.1", true),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false), ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false), ("::1", "::2", true),
            // The same first bytes in another family.
            ("2001:db8::1", "32.1.13.184", false), ("::1", "0.0.0.0", false), ("::ffff:0.0.0.0", "0.0.0.0", true),
            ("::ffff:32.1.13.184", "2001:db8::1", false),
        ])
    func clients(one: String, other: String, isSame: Bool) throws {
        let keys = try [one, other].map { try SocketAddress.resolve(host: $0, port: 1)[0].clientKey }
        #expect((keys[0] == keys[1]) == isSame)
    }

    @Test("The kernel's form converts back to the same address", arguments: ["192.0.2.1", "2001:db8::1", "fe80::1%lo"])
    func kernelForm(host: String) throws {
        let address = try SocketAddress.resolve(host: host, port: 8080)[0]
        #expect(address.host == host && address.with(port: 1).port == 1 && address.with(port: 1).host == host)
        let family = unsafe address.withSockaddr { address, _ in Int32(unsafe address.pointee.sa_family) }
        #expect(family == address.family)
    }

    @Test("A name resolves to its addresses")
    func name() throws {
        let hosts = try SocketAddress.resolve(host: "localhost", port: 80).map(\.host)
        #expect(hosts.contains("127.0.0.1") || hosts.contains("::1"))
    }

    @Test("An empty host is every address")
    func everyAddress() throws {
        let hosts = try SocketAddress.resolve(host: "", port: 80).map(\.host)
        #expect(!hosts.isEmpty && hosts.allSatisfy { ["0.0.0.0", "::"].contains($0) })
    }

    @Test("An invalid port is refused", arguments: [-1, 65_536, Int.max])
    func badPort(port: Int) {
        #expect(throws: ListenError.badAddress("\(port) is not a port; ports are 0 to 65535")) {
            try SocketAddress.resolve(host: "127.0.0.1", port: port)
        }
    }

    @Test("An invalid host is refused with a sentence that names it", arguments: ["1::2::3", "a b"])
    func badHost(host: String) throws {
        let error = #expect(throws: ListenError.self) { try SocketAddress.resolve(host: host, port: 80) }
        #expect(error?.description.hasPrefix("cannot listen: \(host) is not an address") == true)
    }

    @Test("A descriptor that is not a connected socket has no peer")
    func noPeer() {
        #expect(SocketAddress(peerOf: -1) == nil)
        #expect(SocketAddress(boundTo: STDIN_FILENO) == nil)
    }
}
