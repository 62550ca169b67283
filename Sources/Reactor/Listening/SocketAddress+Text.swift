import Glibc

// The text of an address. What `description` returns can be read again.
extension SocketAddress: LosslessStringConvertible {
    /// "127.0.0.1:8080", "[::1]:8080", "[fe80::1%eth0]:8080" or "unix:".
    public var description: String {
        switch kind {
        case .ipv4: "\(host):\(port)"
        case .ipv6: "[\(host)]:\(port)"
        case .unix: host
        }
    }

    /// Creates the address that a text such as "127.0.0.1:8080", "[::1]:8080" or "unix:" describes; nil for any other
    /// text.
    ///
    /// Host and port are numbers: names are not looked up. The host of an IPv6 address is in brackets (RFC 3986 section
    /// 3.2.2), and may end in a zone (RFC 4007 section 11): the name of an interface of this machine, or its number.
    /// The port is 0 to 65,535, without leading zeros.
    public init?(_ description: String) {
        if description == "unix:" {
            self = .unix
            return
        }
        // A zero byte would end the C strings below.
        guard !description.utf8.contains(0), let colon = description.lastIndex(of: ":"),
            let port = SocketAddress.port(description[description.index(after: colon)...])
        else { return nil }
        let host = description[..<colon]
        if host.utf8.first == UInt8(ascii: "[") {
            guard host.utf8.count > 2, host.utf8.last == UInt8(ascii: "]") else { return nil }
            self.init(ipv6: host.dropFirst().dropLast(), port: port)
        } else {
            self.init(ipv4: String(host), port: port)
        }
    }

    private init?(ipv4 host: String, port: UInt16) {
        self.init(kind: .ipv4)
        var address = in_addr()
        // The text ends in a zero, and the address has room for one of IPv4.
        guard unsafe inet_pton(AF_INET, host, &address) == 1 else { return nil }
        leading = SocketAddress.leading(ofIPv4: address.s_addr)
        portNumber = port
    }

    private init?(ipv6 host: Substring, port: UInt16) {
        self.init(kind: .ipv6)
        let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
        var address = in6_addr()
        // As above.
        guard unsafe inet_pton(AF_INET6, String(parts[0]), &address) == 1 else { return nil }
        (leading, trailing) = unsafe withUnsafeBytes(of: address) { bytes in
            // 16 bytes.
            unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        if parts.count == 2 {
            guard let number = SocketAddress.zone(String(parts[1])) else { return nil }
            scope = number
        }
        portNumber = port
    }

    /// The number of an interface by its name or its number, which is not 0; nil if there is none.
    private static func zone(_ text: String) -> UInt32? {
        // Valid for the call. 0 means that there is no such interface.
        let known = unsafe if_nametoindex(text)
        if known != 0 { return known }
        guard text.utf8.first != UInt8(ascii: "+"), let number = UInt32(text), number != 0 else { return nil }
        return number
    }

    private static func port(_ digits: Substring) -> UInt16? {
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            digits.utf8.count == 1 || digits.utf8.first != UInt8(ascii: "0")
        else { return nil }
        return UInt16(digits)
    }
}

extension SocketAddress: Codable {
    /// Decodes the text that `description` returns. Throws `DecodingError` for any other text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let address = SocketAddress(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an address with a port")
        }
        self = address
    }

    /// Encodes `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
