/// The value of Content-Type, RFC 9110 section 8.3.1. A literal costs nothing; other strings are
/// possible with `init(_:)`.
public struct MediaType: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    @usableFromInline package enum Storage: Sendable {
        case literal(StaticString)
        case text(String)
    }

    @usableFromInline package let storage: Storage

    /// A media type written as a literal.
    @inlinable public init(stringLiteral literal: StaticString) {
        storage = .literal(literal)
    }

    /// A media type known only at run time. Checked when the response is encoded, like all fields.
    public init(_ text: String) {
        storage = .text(text)
    }

    /// Text in UTF-8.
    @inlinable public static var plainText: MediaType { "text/plain; charset=utf-8" }
    /// HTML in UTF-8.
    @inlinable public static var html: MediaType { "text/html; charset=utf-8" }
    /// JSON, RFC 8259.
    @inlinable public static var json: MediaType { "application/json" }
    /// Problem details in JSON, RFC 9457.
    @inlinable public static var problemDetails: MediaType { "application/problem+json" }
    /// Bytes of no known type.
    @inlinable public static var octetStream: MediaType { "application/octet-stream" }

    /// The field value.
    public var description: String {
        switch storage {
        case .literal(let literal): "\(literal)"
        case .text(let text): text
        }
    }
}
