import HTTPCore

/// An answer: status, fields and body. A value; building a text answer from a literal allocates nothing.
///
/// The server adds Date, Content-Length and Connection itself.
public struct Response: Sendable {
    /// The bytes after the head.
    public enum Body: Sendable {
        /// No bytes.
        case empty
        /// The UTF-8 of a string.
        case text(String)
        /// Bytes as they are.
        case bytes([UInt8])
        /// Written while it is sent: see `Response.stream`.
        case stream(ResponseStream)
    }

    /// Status and header fields.
    var head: ResponseHead
    /// The body, if it is complete. As protocols take it, so that nothing has to be converted.
    var content: ResponseContent
    /// The body, if it is written while it is sent.
    var stream: ResponseStream?
}

extension Response {
    /// Creates a response.
    public init(
        status: Status = .ok, contentType: MediaType? = nil, headers: HeaderFields = .init(), body: Body = .empty
    ) {
        // Made as a whole, by the implicit initializer: one that sets property after property copies in the end.
        let head = ResponseHead(status: status, contentType: contentType, fields: headers)
        switch body {
        case .empty: self.init(head: head, content: .empty, stream: nil)
        case .text(let text): self.init(head: head, content: .text(text), stream: nil)
        case .bytes(let bytes): self.init(head: head, content: .bytes(bytes), stream: nil)
        case .stream(let stream): self.init(head: head, content: .empty, stream: stream)
        }
    }

    /// The status, 200 unless said otherwise.
    public var status: Status {
        get { head.status }
        set { head.status = newValue }
    }

    /// The value of Content-Type, or nil for none. A Content-Type in `headers` takes precedence.
    public var contentType: MediaType? {
        get { head.contentType }
        set { head.contentType = newValue }
    }

    /// Further header fields.
    public var headers: HeaderFields {
        _read { yield head.fields }
        _modify { yield &head.fields }
    }

    /// The body. Its length becomes Content-Length. A response to HEAD without a body may have a Content-Length among
    /// its `headers`: the length of the body that GET would have (RFC 9110 section 8.6).
    public var body: Body {
        get {
            if let stream { return .stream(stream) }
            return switch content {
            case .empty: .empty
            case .text(let text): .text(text)
            case .bytes(let bytes): .bytes(bytes)
            }
        }
        set { self = Response(status: status, contentType: contentType, headers: headers, body: newValue) }
    }

    /// Plain text in UTF-8.
    public static func text(_ text: consuming String, status: Status = .ok) -> Response {
        let head = ResponseHead(status: status, contentType: .plainText, fields: HeaderFields())
        return Response(head: head, content: .text(text), stream: nil)
    }

    /// HTML in UTF-8. Nothing is escaped.
    public static func html(_ html: consuming String, status: Status = .ok) -> Response {
        Response(status: status, contentType: .html, body: .text(html))
    }

    /// Bytes of any type.
    public static func bytes(
        _ bytes: consuming [UInt8], contentType: MediaType = .octetStream, status: Status = .ok
    ) -> Response {
        let head = ResponseHead(status: status, contentType: contentType, fields: HeaderFields())
        return Response(head: head, content: .bytes(bytes), stream: nil)
    }

    /// Sends the client to `location`, by default with 303 See Other: fetch that with GET.
    public static func redirect(to location: String, status: Status = .seeOther) -> Response {
        Response(status: status, headers: ["Location": location])
    }

    /// A status without a body.
    public static func status(_ status: Status) -> Response {
        Response(status: status)
    }
}

extension Response.Body {
    /// Whether it is known to have no bytes.
    var isEmpty: Bool { byteCount == 0 }

    /// Bytes; nil if that is known only at the end.
    var byteCount: Int? {
        switch self {
        case .empty: 0
        case .stream(let stream): stream.contentLength
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}
