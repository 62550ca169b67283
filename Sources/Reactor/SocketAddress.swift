import Glibc

/// An IPv4 or IPv6 address with a port.
public struct SocketAddress: Sendable {
    private var storage = sockaddr_storage()
    private var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)

    /// The address in numbers, without port or brackets: "127.0.0.1" or "::1".
    public var host: String {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let status = unsafe withSockaddr { address, count in
            unsafe getnameinfo(address, count, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        }
        let end = text.firstIndex(of: 0) ?? text.count
        return status == 0 ? String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self) : ""
    }

    /// The port, 0 to 65,535.
    public var port: Int {
        // Both families keep the port in the same place: after the 16-bit family, in network order.
        unsafe withSockaddr { address, _ in
            let bytes = unsafe UnsafeRawPointer(address)
            return Int(unsafe UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self)))
        }
    }

    /// The client for the purpose of counting: an IPv4 address, also one that is mapped into IPv6, or an IPv6 /64.
    package var clientKey: UInt64 {
        unsafe withUnsafeBytes(of: storage) { bytes in
            guard family == AF_INET6 else { return UInt64(unsafe bytes.load(fromByteOffset: 4, as: UInt32.self)) }
            // sockaddr_in6: family, port, flow information, then the address from byte 8 on.
            let network = unsafe bytes.load(fromByteOffset: 8, as: UInt64.self)
            let isMapped = unsafe network == 0 && bytes.load(fromByteOffset: 16, as: UInt32.self) == 0xFFFF_0000
            return isMapped ? UInt64(unsafe bytes.load(fromByteOffset: 20, as: UInt32.self)) : network
        }
    }

    var family: Int32 { Int32(storage.ss_family) }

    /// The addresses that `host` stands for: numbers, or a name that is looked up. An empty host is every address.
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
            unsafe found.append(SocketAddress(copying: entry.ai_addr, byteCount: entry.ai_addrlen))
            unsafe next = entry.ai_next
        }
        return found
    }

    /// The peer of a connected socket, or nil when it is gone.
    init?(peerOf descriptor: Int32) {
        guard unsafe withMutableSockaddr({ unsafe getpeername(descriptor, $0, $1) }) == 0 else { return nil }
    }

    /// The address that a socket is bound to, or nil when it is none.
    init?(boundTo descriptor: Int32) {
        guard unsafe withMutableSockaddr({ unsafe getsockname(descriptor, $0, $1) }) == 0 else { return nil }
    }

    /// A copy of `address`, of which `byteCount` bytes are there.
    @unsafe
    private init(copying address: UnsafePointer<sockaddr>, byteCount: socklen_t) {
        self.byteCount = min(byteCount, self.byteCount)
        let count = Int(self.byteCount)
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: count))
        }
    }

    /// The same address with another port.
    package func with(port: Int) -> SocketAddress {
        var copy = self
        unsafe withUnsafeMutableBytes(of: &copy.storage) { bytes in
            unsafe bytes.storeBytes(of: UInt16(truncatingIfNeeded: port).bigEndian, toByteOffset: 2, as: UInt16.self)
        }
        return copy
    }

    /// Calls `body` with the address as the system calls want it.
    @unsafe
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        // A sockaddr_storage may be read as any socket address: that is what it is for (POSIX <sys/socket.h>).
        unsafe withUnsafeBytes(of: storage) { bytes in
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), byteCount)
        }
    }

    @unsafe
    private mutating func withMutableSockaddr(
        _ body: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> Int32 {
        var count = byteCount
        let status = unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &count)
        }
        byteCount = count
        return status
    }
}

extension SocketAddress: CustomStringConvertible {
    /// "127.0.0.1:8080" or "[::1]:8080".
    public var description: String {
        family == AF_INET6 ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
