/// The value of Content-Type, RFC 9110 section 8.3.1: type and subtype, and parameters. A literal allocates nothing;
/// other strings are checked by `init(_:)`.
///
/// Two media types are equal if they mean the same: type, subtype, the names of parameters and the value of `charset`
/// are compared without regard to case, and the order of parameters and quotation marks do not matter.
public struct MediaType: Sendable, ExpressibleByStringLiteral {
    @usableFromInline package enum Storage: Sendable {
        /// A literal that may be the value of a field.
        case literal(StaticString)
        /// Any other text, which is checked when it is sent.
        case text(String)
    }

    @usableFromInline package let storage: Storage

    /// A media type written as a literal. It is sent as it is, without spaces at its ends, unless it can't be the value
    /// of a field, because of a line break for example: such a response becomes a 500 and a line in the log.
    @inlinable public init(stringLiteral literal: StaticString) {
        storage = Self.isValue(literal) ? .literal(literal) : .text(Self.trimmed(literal))
    }

    @usableFromInline
    static func trimmed(_ literal: StaticString) -> String { FieldSyntax.trimmed(literal.description) }

    /// A literal of this module, which is not checked.
    @inlinable init(known literal: StaticString) { storage = .literal(literal) }

    /// Whether a literal may be the value of a field. Only such literals are stored as literals.
    @usableFromInline
    static func isValue(_ literal: StaticString) -> Bool {
        // The bytes of a literal are never freed.
        literal.withUTF8Buffer { bytes in unsafe FieldSyntax.isValue(bytes.span.bytes) }
    }

    /// Text in UTF-8.
    @inlinable public static var plainText: MediaType { MediaType(known: "text/plain; charset=utf-8") }
    /// HTML in UTF-8.
    @inlinable public static var html: MediaType { MediaType(known: "text/html; charset=utf-8") }
    /// JSON, RFC 8259.
    @inlinable public static var json: MediaType { MediaType(known: "application/json") }
    /// Problem details in JSON, RFC 9457.
    @inlinable public static var problemDetails: MediaType { MediaType(known: "application/problem+json") }
    /// Server-sent events, in a stream that lasts until the client leaves (HTML Living Standard, section 9.2).
    @inlinable public static var eventStream: MediaType { MediaType(known: "text/event-stream") }
    /// Bytes of no known type.
    @inlinable public static var octetStream: MediaType { MediaType(known: "application/octet-stream") }
}

extension MediaType: LosslessStringConvertible {
    /// The field value.
    public var description: String {
        switch storage {
        case .literal(let literal): literal.description
        case .text(let text): text
        }
    }

    /// Creates the media type that a field value describes; nil unless it has the syntax of one. White space at either
    /// end is no part of it.
    public init?(_ description: String) {
        let text = FieldSyntax.trimmed(description)
        guard Parts(text) != nil else { return nil }
        storage = .text(text)
    }
}

extension MediaType: Hashable {
    /// Whether two media types mean the same.
    public static func == (left: MediaType, right: MediaType) -> Bool {
        let (left, right) = (left.description, right.description)
        if left.utf8.elementsEqual(right.utf8) { return true }
        guard let parts = Parts(left) else { return false }
        return parts == Parts(right)
    }

    /// Hashes what the media type means.
    public func hash(into hasher: inout Hasher) {
        // An invalid literal is equal to the same text only.
        hasher.combine(Parts(description))
    }
}

extension MediaType: Codable {
    /// Decodes a string. Throws `DecodingError` if it is not a media type.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let mediaType = MediaType(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a media type")
        }
        self = mediaType
    }

    /// Encodes `description`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension MediaType {
    /// What a media type means: `type "/" subtype *( OWS ";" OWS [ parameter ] )`, RFC 9110 sections 8.3.1 and 5.6.6.
    private struct Parts: Hashable {
        private let essence: [UInt8]
        /// Names and values, sorted.
        private let parameters: [[[UInt8]]]

        init?(_ text: String) {
            var rest = ArraySlice(text.utf8)
            guard let type = Self.token(&rest), rest.popFirst() == UInt8(ascii: "/"), let subtype = Self.token(&rest)
            else { return nil }
            essence = Self.lowercased(type) + [UInt8(ascii: "/")] + Self.lowercased(subtype)
            var parameters: [[[UInt8]]] = []
            while true {
                rest = rest.drop(while: ASCII.isWhitespace)
                guard let byte = rest.popFirst() else { break }
                guard byte == UInt8(ascii: ";") else { return nil }
                rest = rest.drop(while: ASCII.isWhitespace)
                guard let next = rest.first, next != UInt8(ascii: ";") else { continue }
                guard let name = Self.token(&rest).map(Self.lowercased), rest.popFirst() == UInt8(ascii: "="),
                    let value = Self.quoted(&rest) ?? Self.token(&rest)
                else { return nil }
                // RFC 9110 section 8.3.2.
                parameters.append([name, name.elementsEqual("charset".utf8) ? Self.lowercased(value) : value])
            }
            self.parameters = parameters.sorted { first, second in
                first.lexicographicallyPrecedes(second) { $0.lexicographicallyPrecedes($1) }
            }
        }

        private static func lowercased(_ bytes: [UInt8]) -> [UInt8] { bytes.map(ASCII.lowercased) }

        /// Removes a token from the beginning; nil if there is none.
        private static func token(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
            let token = Array(rest.prefix { ByteClass.token.contains($0) })
            rest = rest.dropFirst(token.count)
            return token.isEmpty ? nil : token
        }

        /// Removes a quoted string (RFC 9110 section 5.6.4) from the beginning, and returns what it quotes; nil if
        /// there is none.
        private static func quoted(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            var value: [UInt8] = []
            var end = rest.dropFirst()
            while var byte = end.popFirst() {
                if byte == UInt8(ascii: "\"") {
                    rest = end
                    return value
                }
                if byte == UInt8(ascii: "\\") {
                    guard let next = end.popFirst() else { return nil }
                    byte = next
                }
                guard ByteClass.value.contains(byte) || byte == ASCII.tab else { return nil }
                value.append(byte)
            }
            return nil
        }
    }
}
