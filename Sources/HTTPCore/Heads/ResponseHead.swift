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
