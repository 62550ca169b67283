import HTTP1
import HTTPCore
import TestSupport
import Testing

/// A request that must be refused, and the rule it violates.
struct HostileHead: Sendable, CustomTestStringConvertible {
    let name: String
    /// The RFC and section.
    let section: String
    let bytes: [UInt8]
    let rejection: Rejection

    /// A whole input.
    init(_ name: String, _ section: String, _ text: String, _ rejection: Rejection) {
        self.name = name
        self.section = section
        self.bytes = latin1(text)
        self.rejection = rejection
    }

    /// A request line with a valid rest.
    static func line(_ name: String, _ section: String, _ line: String, _ rejection: Rejection) -> HostileHead {
        HostileHead(name, section, line + "\r\nHost: a\r\n\r\n", rejection)
    }

    /// A field line, between valid ones, in an otherwise valid request.
    static func field(_ name: String, _ section: String, _ field: String, _ rejection: Rejection) -> HostileHead {
        HostileHead(name, section, "POST /a HTTP/1.1\r\nHost: a\r\n" + field + "\r\nB: c\r\n\r\n", rejection)
    }

    /// The only Host field of an otherwise valid request.
    static func host(_ name: String, _ value: String) -> HostileHead {
        HostileHead(name, "RFC 9112 3.2", "GET / HTTP/1.1\r\nHost: " + value + "\r\n\r\n", .hostMalformed)
    }

    var testDescription: String { "\(name) (\(section))" }
}
