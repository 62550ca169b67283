import Glibc
import Testing

@testable import Reactor

@Suite("The text of a socket address")
struct SocketAddressTextTests {
    @Test(
        "is read, and printed in the same form",
        arguments: [
            ("127.0.0.1:80", "127.0.0.1", 80), ("0.0.0.0:0", "0.0.0.0", 0),
            ("255.255.255.255:65535", "255.255.255.255", 65_535),
            ("[::1]:80", "::1", 80), ("[::]:1", "::", 1), ("[2001:db8::1]:443", "2001:db8::1", 443),
            ("[::ffff:192.0.2.1]:443", "::ffff:192.0.2.1", 443), ("[fe80::1%lo]:8080", "fe80::1%lo", 8080),
            ("[fe80::1%4000000000]:8080", "fe80::1%4000000000", 8080), ("unix:", "unix:", 0),
        ])
    func roundTrip(text: String, host: String, port: Int) throws {
        let address = try #require(SocketAddress(text))
        #expect(address.description == text && address.host == host && address.port == port)
        #expect(SocketAddress(address.description) == address)
        #expect(SocketAddress(address.description).hashValue == (address as SocketAddress?).hashValue)
    }

    @Test("may be another form of the same address")
    func otherForms() {
        #expect(SocketAddress("[2001:DB8:0:0::1]:443") == SocketAddress("[2001:db8::1]:443"))
        #expect(SocketAddress("[fe80::1%\(loopbackNumber)]:1") == SocketAddress("[fe80::1%lo]:1"))
        #expect(SocketAddress("[fe80::1%lo]:1") != SocketAddress("[fe80::1]:1"))
        #expect(SocketAddress("[::1]:1") != SocketAddress("[::1]:2"))
        #expect(SocketAddress("[::ffff:192.0.2.1]:1") != SocketAddress("192.0.2.1:1"))
        #expect(SocketAddress("[::ffff:192.0.2.1]:1")?.unmapped == SocketAddress("192.0.2.1:1"))
        #expect(SocketAddress("[::192.0.2.1]:1")?.unmapped == SocketAddress("[::192.0.2.1]:1"))
    }

    private var loopbackNumber: UInt32 {
        // The name is valid for the call.
        unsafe if_nametoindex("lo")
    }

    @Test(
        "is not read from anything else, and nothing traps",
        arguments: [
            "", ":", "80", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1:65536",
            "127.0.0.1:080", "127.0.0.1:00", "127.0.0.1: 80", "127.0.0.1:80 ", " 127.0.0.1:80",
            "127.0.0.1:99999999999999999999",
            "127.0.0.1:\u{661}", "127.0.0.1:8\0", "127.0.0.1\0:80", "127.1:80", "127.0.0.01:80", "256.0.0.1:80",
            "1.2.3.4.5:80",
            "localhost:80", "::1:80", "[::1]", "[::1]:", "[::1]80", "[::1:80", "::1]:80", "[]:80", "[:80",
            "[1::2::3]:80",
            "[127.0.0.1]:80", "[::1%]:80", "[::1%0]:80", "[::1%+1]:80", "[::1%nosuchinterface]:80", "[::1%lo%lo]:80",
            "[::1%4294967296]:80", "[[::1]]:80", "unix", "unix:/run/x", "unix:80", "UNIX:", "\u{1F600}:80",
            "[" + String(repeating: "1:", count: 50_000) + "]:80", String(repeating: ":", count: 100_000),
            "[::1%" + String(repeating: "a", count: 100_000) + "]:80",
        ])
    func malformed(text: String) {
        #expect(SocketAddress(text) == nil, "\(text.prefix(40))")
    }
}
