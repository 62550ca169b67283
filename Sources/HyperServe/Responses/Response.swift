import HTTPCore
import JSON

/// A response: status, header fields and body. It is a value; a text response from a literal allocates nothing.
///
/// The server adds Date, Content-Length or Transfer-Encoding, and Connection when the connection closes after the
/// response. A handler's own values of these fields are dropped, but for `Connection: close`.
public struct Response: Sendable {
    /// The bytes after the head.
    public enum Body: Sendable {
        /// No bytes.
        case empty
        /// The UTF-8 of a string.
        case text(String)
        /// Bytes.
        case bytes([UInt8])
        /// A body that is written while it is sent; see `Response.stream` and `Response.blockingStream`.
        case stream(ResponseStream)
    }

    /// Status and header fields.
    var head: ResponseHead
    /// The body, if it is complete, in the form that protocols take, so that nothing has to be converted.
    var content: ResponseContent
    /// The body, if it is written while it is sent.
    var stream: ResponseStream?
}

extension Response {
    /// Creates a response.
    public init(
        status: Status = .ok, contentType: MediaType? = nil, headers: HeaderFields = .init(), body: Body = .empty
    ) {
        // Through the memberwise initializer: setting one property after the other ends in a copy.
        let head = ResponseHead(status: status, contentType: contentType, fields: headers)
        switch body {
        case .empty: self.init(head: head, content: .empty, stream: nil)
        case .text(let text): self.init(head: head, content: .text(text), stream: nil)
        case .bytes(let bytes): self.init(head: head, content: .bytes(bytes), stream: nil)
        case .stream(let stream): self.init(head: head, content: .empty, stream: stream)
        }
    }

    /// The status, by default 200.
    public var status: Status {
        get { head.status }
        set { head.status = newValue }
    }

    /// The value of Content-Type, or nil for no such field. A Content-Type in `headers` takes precedence.
    public var contentType: MediaType? {
        get { head.contentType }
        set { head.contentType = newValue }
    }

    /// Further header fields.
    public var headers: HeaderFields {
        _read { yield head.fields }
        _modify { yield &head.fields }
    }

    /// The body. Its length becomes Content-Length. A response to HEAD without a body may have a Content-Length in its
    /// `headers`: the length of the body that a response to GET would have (RFC 9110 section 8.6).
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

    /// Creates a response with plain text in UTF-8.
    public static func text(_ text: consuming String, status: Status = .ok) -> Response {
        let head = ResponseHead(status: status, contentType: .plainText, fields: HeaderFields())
        return Response(head: head, content: .text(text), stream: nil)
    }

    /// Creates a response with HTML in UTF-8. Nothing is escaped.
    public static func html(_ html: consuming String, status: Status = .ok) -> Response {
        Response(status: status, contentType: .html, body: .text(html))
    }

    /// Creates a response with bytes of any media type.
    public static func bytes(
        _ bytes: consuming [UInt8], contentType: MediaType = .octetStream, status: Status = .ok
    ) -> Response {
        let head = ResponseHead(status: status, contentType: contentType, fields: HeaderFields())
        return Response(head: head, content: .bytes(bytes), stream: nil)
    }

    /// Creates a redirect to `location`, by default with 303 See Other, after which the client sends a GET.
    public static func redirect(to location: String, status: Status = .seeOther) -> Response {
        Response(status: status, headers: ["Location": location])
    }

    /// Creates a response without a body.
    public static func status(_ status: Status) -> Response {
        Response(status: status)
    }

    /// Creates a response with `value` as JSON (RFC 8259), which is encoded at once and without Foundation. Throws
    /// `EncodingError` if the value can't be encoded: not-a-number, for example, or a `Date` without a `coding`.
    public static func json(_ value: some Encodable, status: Status = .ok) throws -> Response {
        .bytes(try JSONValueEncoder.encodeOnThread(value), contentType: .json, status: status)
    }

    /// Creates a response with `value` as JSON by the rules of `coding`: for types of Foundation, with the module
    /// `HyperServeFoundation`, or for names in snake case. Throws `EncodingError` if the value can't be encoded.
    public static func json(_ value: some Encodable, status: Status = .ok, coding: ValueCoding) throws -> Response {
        .bytes(try JSONValueEncoder.encodeOnThread(value, coding: coding), contentType: .json, status: status)
    }
}

extension Response.Body {
    /// Whether the body is known to have no bytes.
    var isEmpty: Bool { byteCount == 0 }

    /// Number of bytes; nil if it is known only at the end.
    var byteCount: Int? {
        switch self {
        case .empty: 0
        case .stream(let stream): stream.contentLength
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}
