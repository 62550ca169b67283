/// The host and port of a Host field or a request target, RFC 9110 section 4.2 and RFC 3986 section 3.2.
///
/// User information is not accepted: RFC 9110 section 4.2.4 requires that it is treated as an error.
package enum Authority {
    /// The part that must not be missing.
    package enum Requirement {
        case host, hostAndPort
    }

    /// Whether `bytes[start..<end]` is a host that is not empty, with an optional port.
    package static func isValid(
        _ bytes: Span<UInt8>, from start: Int, to end: Int, requiring requirement: Requirement
    ) -> Bool {
        guard start < end else { return false }
        let hostEnd: Int
        if bytes[start] == UInt8(ascii: "[") {
            guard let closing = endOfLiteral(bytes, from: start, to: end) else { return false }
            hostEnd = closing
        } else {
            guard let nameEnd = endOfName(bytes, from: start, to: end) else { return false }
            hostEnd = nameEnd
        }
        guard hostEnd > start else { return false }
        if hostEnd == end { return requirement == .host }
        guard bytes[hostEnd] == UInt8(ascii: ":") else { return false }
        return isValidPort(bytes, from: hostEnd + 1, to: end, mayBeEmpty: requirement == .host)
    }

    /// The end of a registered name or IPv4 address, or nil where a percent sign is not followed by two digits.
    private static func endOfName(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        var position = start
        while true {
            position = bytes.endOfRun(of: .host, from: position, to: end)
            guard position < end, bytes[position] == UInt8(ascii: "%") else { return position }
            guard end - position >= 3, ByteClass.hexadecimal.contains(bytes[position + 1]),
                ByteClass.hexadecimal.contains(bytes[position + 2])
            else { return nil }
            position += 3
        }
    }

    /// RFC 3986 section 3.2.3: any number of digits; RFC 9110 section 9.3.6 requires a port in CONNECT.
    private static func isValidPort(_ bytes: Span<UInt8>, from start: Int, to end: Int, mayBeEmpty: Bool) -> Bool {
        if start == end { return mayBeEmpty }
        var port = 0
        var position = start
        while position < end {
            let digit = bytes[position] &- UInt8(ascii: "0")
            position &+= 1
            // Neither overflows: the port was at most 65535 before.
            port = port &* 10 &+ Int(digit)
            guard digit < 10, port <= 65535 else { return false }
        }
        return mayBeEmpty || port > 0
    }

    /// The offset after the closing bracket of an IPv6 address, or nil.
    private static func endOfLiteral(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
        var position = start + 1
        while position < end, bytes[position] != UInt8(ascii: "]") { position += 1 }
        guard position < end, IPv6Address.isValid(bytes, from: start + 1, to: position) else { return nil }
        return position + 1
    }
}
