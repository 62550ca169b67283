/// The head of a response in any protocol: status and header fields.
public struct ResponseHead: Sendable {
    /// The status code.
    public var status: Status
    /// The value of Content-Type, or nil for none. A Content-Type in `fields` takes precedence.
    public var contentType: MediaType?
    /// Further header fields. Those that frame the response or concern the connection are up to the protocol, and are
    /// omitted.
    public var fields: HeaderFields

    /// Creates a head.
    @inlinable public init(status: Status, contentType: MediaType?, fields: HeaderFields) {
        self.status = status
        self.contentType = contentType
        self.fields = fields
    }
}

extension ResponseHead {
    /// Whether the body is a stream of events, by its Content-Type.
    package var isEventStream: Bool {
        if let field = fields["Content-Type"] { return Self.isEventStream(field.utf8) }
        switch contentType?.storage {
        case .literal(let literal): return literal.withUTF8Buffer { unsafe Self.isEventStream($0) }
        case .text(let text): return Self.isEventStream(text.utf8)
        case nil: return false
        }
    }

    /// Whether a value of Content-Type is `text/event-stream`, in letters of either case and with any parameters.
    private static func isEventStream(_ value: some Collection<UInt8>) -> Bool {
        let expected: StaticString = "text/event-stream"
        var rest = value[...]
        // The bytes of a literal are never freed.
        let isBeginning = expected.withUTF8Buffer { bytes in
            unsafe bytes.allSatisfy { rest.popFirst().map(ASCII.lowercased) == $0 }
        }
        guard isBeginning else { return false }
        let next = rest.first { !ASCII.isWhitespace($0) }
        return next == nil || next == UInt8(ascii: ";")
    }
}

/// The body of a complete response.
public enum ResponseContent: Sendable {
    /// No bytes.
    case empty
    /// The UTF-8 of a string.
    case text(String)
    /// Bytes. Large bodies are shared, not copied.
    case bytes([UInt8])

    /// The number of bytes in the body.
    @inlinable public var byteCount: Int {
        switch self {
        case .empty: 0
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}
