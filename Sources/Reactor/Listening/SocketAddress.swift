import CHyperURing
import Glibc
package import HTTPCore

/// The address of a client: IPv4 or IPv6 with a port, or the client of a Unix socket, which has no address.
///
/// Stored in 24 bytes instead of a `sockaddr_storage`'s 128, since each connection stores its client's address.
public struct SocketAddress: Hashable, Sendable {
    /// The kinds of addresses.
    public enum Kind: UInt8, Sendable {
        case ipv4
        case ipv6
        /// A program on the same machine, connected by a Unix socket. All such clients have the same address.
        case unix
    }

    // The IPv6 address, or in its first four bytes the IPv4 address, in network order.
    var leading: UInt64 = 0
    var trailing: UInt64 = 0
    /// The interface of a link-local IPv6 address, else 0.
    var scope: UInt32 = 0
    var portNumber: UInt16 = 0
    /// The kind of the address.
    public let kind: Kind

    /// The address in numbers, without port or brackets: "127.0.0.1" or "::1". "unix:" for a Unix socket's client.
    public var host: String {
        var buffer = ByteBuffer(capacity: 64)
        appendHost(to: &buffer)
        return unsafe String(decoding: buffer.unsafeBytes, as: UTF8.self)
    }

    /// The port, 0 to 65,535. 0 for a Unix socket's client.
    public var port: Int { Int(portNumber) }

    /// The client of a Unix socket.
    package static let unix = SocketAddress(kind: .unix)

    init(kind: Kind) { self.kind = kind }

    /// The client for the purpose of counting: an IPv4 address, including one mapped into IPv6, an IPv6 /64, or all
    /// clients of Unix sockets together.
    package var clientKey: ClientKey {
        let address = unmapped
        return ClientKey(kind: address.kind, prefix: address.leading)
    }

    /// The IPv4 address that is mapped into this one, `::ffff:0:0/96` of RFC 4291 section 2.5.5.2; else the same
    /// address. The kernel maps the addresses of IPv4 clients of a listener on `::`.
    package var unmapped: SocketAddress {
        // Whatever the byte order of the machine.
        let bits = UInt64(bigEndian: trailing)
        guard kind == .ipv6, leading == 0, bits >> 32 == 0xFFFF else { return self }
        var address = SocketAddress(kind: .ipv4)
        address.leading = SocketAddress.leading(ofIPv4: UInt32(truncatingIfNeeded: bits).bigEndian)
        address.portNumber = portNumber
        return address
    }

    var family: Int32 {
        switch kind {
        case .ipv4: AF_INET
        case .ipv6: AF_INET6
        case .unix: AF_UNIX
        }
    }

    /// Appends the address in the form of `host`. Allocates nothing if there is room for 64 bytes.
    package func appendHost(to output: inout ByteBuffer) {
        guard kind != .unix else { return output.append("unix:") }
        // Only addresses with an interface name need getnameinfo.
        guard scope == 0 else { return appendNamed(to: &output) }
        unsafe output.append(maximum: Int(INET6_ADDRSTRLEN)) { room in
            let text = unsafe room.baseAddress!.assumingMemoryBound(to: CChar.self)
            let written = unsafe withUnsafeBytes(of: (leading, trailing)) { bytes in
                // 16 bytes, the most that a family reads, and room for the longest text of one.
                unsafe inet_ntop(family, bytes.baseAddress, text, socklen_t(INET6_ADDRSTRLEN))
            }
            return unsafe written == nil ? 0 : strlen(text)
        }
    }

    private func appendNamed(to output: inout ByteBuffer) {
        unsafe output.append(maximum: Int(NI_MAXHOST)) { room in
            let text = unsafe room.baseAddress!.assumingMemoryBound(to: CChar.self)
            let status = unsafe withSockaddr { address, count in
                unsafe getnameinfo(address, count, text, socklen_t(NI_MAXHOST), nil, 0, NI_NUMERICHOST)
            }
            return unsafe status == 0 ? strlen(text) : 0
        }
    }

    /// Returns the addresses of `host`, which is an address in numbers or a name to look up. An empty host is every
    /// address.
    package static func resolve(host: String, port: Int) throws(ListenError) -> [SocketAddress] {
        guard (0...65_535).contains(port) else { throw .badAddress("\(port) is not a port; ports are 0 to 65535") }
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &list)
        guard status == 0 else {
            throw .badAddress("\(host) is not an address: \(unsafe String(cString: gai_strerror(status)))")
        }
        defer { unsafe freeaddrinfo(list) }
        var found: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next?.pointee {
            if let address = unsafe SocketAddress(entry.ai_addr) { found.append(address) }
            unsafe next = entry.ai_next
        }
        return found
    }

    /// Returns the same address with another port.
    package func with(port: Int) -> SocketAddress {
        var copy = self
        copy.portNumber = UInt16(truncatingIfNeeded: port)
        return copy
    }
}

/// Identifies a client for limits per address: an IPv4 address, an IPv6 /64, or all clients of Unix sockets.
///
/// The kind is part of the key. Without it 2001:db8::/64 and 32.1.13.184, which have the same first bytes, would be one
/// client.
package struct ClientKey: Hashable, Sendable {
    let kind: SocketAddress.Kind
    /// The first eight bytes of the address, in network order; of an IPv4 address the last four of them are zero, and
    /// without an address all are.
    let prefix: UInt64
}

// MARK: - The kernel's form

extension SocketAddress {
    /// Creates the address of a connected socket's peer; nil if the peer is gone. That of an IPv4 client is of kind
    /// `ipv4`, also if the listener's is of kind `ipv6`.
    init?(peerOf descriptor: Int32) {
        unsafe self.init { unsafe getpeername(descriptor, $0, $1) }
        self = unmapped
    }

    /// Creates the address that a socket is bound to; nil if the descriptor is not a socket.
    init?(boundTo descriptor: Int32) {
        unsafe self.init { unsafe getsockname(descriptor, $0, $1) }
    }

    /// Creates an address from the result of a system call; nil if it fails or the family is another.
    @unsafe
    private init?(_ read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) {
        // A sockaddr_storage may be used as any socket address (POSIX <sys/socket.h>).
        var storage = sockaddr_storage()
        var count = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let address = unsafe withUnsafeMutableBytes(of: &storage) { bytes -> SocketAddress? in
            let address = unsafe bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return unsafe read(address, &count) == 0 ? SocketAddress(address) : nil
        }
        guard let address else { return nil }
        self = address
    }

    /// Creates an address from one of the kernel's, which has the length of its family; nil if the family is another.
    @unsafe
    private init?(_ address: UnsafePointer<sockaddr>) {
        let bytes = unsafe UnsafeRawPointer(address)
        switch Int32(unsafe address.pointee.sa_family) {
        case AF_INET:
            let address = unsafe bytes.load(as: sockaddr_in.self)
            kind = .ipv4
            leading = SocketAddress.leading(ofIPv4: address.sin_addr.s_addr)
            portNumber = UInt16(bigEndian: address.sin_port)
        case AF_INET6:
            let address = unsafe bytes.load(as: sockaddr_in6.self)
            kind = .ipv6
            (leading, trailing) = unsafe withUnsafeBytes(of: address.sin6_addr) { bytes in
                // 16 bytes.
                unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            }
            scope = address.sin6_scope_id
            portNumber = UInt16(bigEndian: address.sin6_port)
        case AF_UNIX:
            kind = .unix
        default:
            return nil
        }
    }

    /// Returns the four bytes, in unchanged order, followed by four zero bytes.
    static func leading(ofIPv4 address: UInt32) -> UInt64 {
        var leading: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &leading) { unsafe $0.storeBytes(of: address, as: UInt32.self) }
        return leading
    }

    /// Calls `body` with the address in the form of the system calls. A Unix socket's consists of its family alone.
    @unsafe
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if kind == .unix {
            var address = sockaddr()
            address.sa_family = sa_family_t(AF_UNIX)
            return unsafe withUnsafePointer(to: &address) { pointer in
                unsafe body(pointer, socklen_t(MemoryLayout<sa_family_t>.size))
            }
        }
        if kind == .ipv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = portNumber.bigEndian
            address.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &address.sin6_addr) { bytes in
                // 16 bytes.
                unsafe bytes.storeBytes(of: leading, as: UInt64.self)
                unsafe bytes.storeBytes(of: trailing, toByteOffset: 8, as: UInt64.self)
            }
            return unsafe SocketAddress.lend(&address, body)
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = portNumber.bigEndian
        address.sin_addr.s_addr = unsafe withUnsafeBytes(of: leading) { unsafe $0.load(as: UInt32.self) }
        return unsafe SocketAddress.lend(&address, body)
    }

    @unsafe
    private static func lend<Address, Result>(
        _ address: inout Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }
}
