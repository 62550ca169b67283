import HTTPCore
import Routing

/// The host of a set of routes: a name, or all names below one.
struct HostPattern: Sendable, Equatable, CustomStringConvertible {
    /// In lower case; for "*.example.com", the part after the asterisk.
    private let name: [UInt8]
    let isWildcard: Bool

    init(_ text: String) throws(RouteError) {
        isWildcard = text.hasPrefix("*.")
        name = (isWildcard ? text.dropFirst() : text[...]).utf8.map(ASCII.lowercased)
        let isName = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
            // An IPv6 address is in brackets.
            case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
            case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: ":"): text.hasPrefix("[") && text.hasSuffix("]")
            default: false
            }
        }
        guard isName, name.count > (isWildcard ? 1 : 0), name.last != UInt8(ascii: ".") else {
            throw .malformed(pattern: text, reason: "a host is a name without port, such as admin.example.com")
        }
    }

    /// Whether the authority of a request, RFC 9110 section 7.2, names this host. The port, the case, and a dot at the
    /// end of the name are ignored.
    func matches(_ authority: RawSpan) -> Bool {
        var count = HostPattern.nameCount(authority)
        if count > 1, authority.byte(at: count - 1) == UInt8(ascii: ".") { count -= 1 }
        guard isWildcard ? count > name.count : count == name.count else { return false }
        let start = count - name.count
        for index in 0..<name.count where ASCII.lowercased(authority.byte(at: start + index)) != name[index] {
            return false
        }
        return true
    }

    var description: String { (isWildcard ? "*" : "") + String(decoding: name, as: UTF8.self) }

    /// Number of bytes before the port, which follows the last colon outside the brackets of an IPv6 address.
    private static func nameCount(_ authority: RawSpan) -> Int {
        var index = authority.byteCount
        while index > 0 {
            index -= 1
            switch authority.byte(at: index) {
            case UInt8(ascii: ":"): return index
            case UInt8(ascii: "0")...UInt8(ascii: "9"): continue
            default: return authority.byteCount
            }
        }
        return authority.byteCount
    }
}
