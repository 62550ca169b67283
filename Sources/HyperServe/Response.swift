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

    /// The status, 200 unless said otherwise.
    public var status: Status
    /// The value of Content-Type, or nil for none. A Content-Type in `headers` takes its place.
    public var contentType: MediaType?
    /// The body. Its length becomes Content-Length.
    public var body: Body
    /// Further fields.
    public var headers: HeaderFields
}

extension Response {
    /// Creates an answer.
    public init(
        status: Status = .ok, contentType: MediaType? = nil, headers: HeaderFields = .init(), body: Body = .empty
    ) {
        // The one that the compiler makes, whose order of arguments is that of the properties. Where the properties are
        // set one by one, Swift 6.3.1 copies the whole and destroys the copy.
        self.init(status: status, contentType: contentType, body: body, headers: headers)
    }

    /// Plain text in UTF-8.
    public static func text(_ text: String, status: Status = .ok) -> Response {
        Response(status: status, contentType: .plainText, body: .text(text))
    }

    /// HTML in UTF-8. Nothing is escaped.
    public static func html(_ html: String, status: Status = .ok) -> Response {
        Response(status: status, contentType: .html, body: .text(html))
    }

    /// Bytes of any type.
    public static func bytes(
        _ bytes: [UInt8], contentType: MediaType = .octetStream, status: Status = .ok
    ) -> Response {
        Response(status: status, contentType: contentType, body: .bytes(bytes))
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
