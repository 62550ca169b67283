/// A status code, RFC 9110 section 15.
public struct Status: Sendable, Hashable {
    /// 100 to 599.
    public let code: UInt16

    /// Creates a status. The code must be between 200 and 599: interim responses are the server's own.
    ///
    /// For a code that the program does not choose, such as that of another server's response, use `init(exactly:)`.
    @inlinable public init(_ code: UInt16) {
        precondition((200...599).contains(code), "\(code) is not a final status code")
        self.code = code
    }

    /// Creates a status; nil unless the code is between 200 and 599.
    @inlinable public init?(exactly code: Int) {
        guard (200...599).contains(code) else { return nil }
        self.init(UInt16(code))
    }

    /// 200 OK.
    public static var ok: Status { Status(200) }
    /// 201 Created.
    public static var created: Status { Status(201) }
    /// 202 Accepted.
    public static var accepted: Status { Status(202) }
    /// 204 No Content.
    public static var noContent: Status { Status(204) }
    /// 206 Partial Content.
    public static var partialContent: Status { Status(206) }
    /// 301 Moved Permanently.
    public static var movedPermanently: Status { Status(301) }
    /// 302 Found.
    public static var found: Status { Status(302) }
    /// 303 See Other.
    public static var seeOther: Status { Status(303) }
    /// 304 Not Modified.
    public static var notModified: Status { Status(304) }
    /// 307 Temporary Redirect.
    public static var temporaryRedirect: Status { Status(307) }
    /// 308 Permanent Redirect.
    public static var permanentRedirect: Status { Status(308) }
    /// 400 Bad Request.
    public static var badRequest: Status { Status(400) }
    /// 401 Unauthorized.
    public static var unauthorized: Status { Status(401) }
    /// 403 Forbidden.
    public static var forbidden: Status { Status(403) }
    /// 404 Not Found.
    public static var notFound: Status { Status(404) }
    /// 405 Method Not Allowed.
    public static var methodNotAllowed: Status { Status(405) }
    /// 406 Not Acceptable.
    public static var notAcceptable: Status { Status(406) }
    /// 409 Conflict.
    public static var conflict: Status { Status(409) }
    /// 410 Gone.
    public static var gone: Status { Status(410) }
    /// 412 Precondition Failed.
    public static var preconditionFailed: Status { Status(412) }
    /// 413 Content Too Large.
    public static var contentTooLarge: Status { Status(413) }
    /// 415 Unsupported Media Type.
    public static var unsupportedMediaType: Status { Status(415) }
    /// 422 Unprocessable Content.
    public static var unprocessableContent: Status { Status(422) }
    /// 429 Too Many Requests.
    public static var tooManyRequests: Status { Status(429) }
    /// 500 Internal Server Error.
    public static var internalServerError: Status { Status(500) }
    /// 501 Not Implemented.
    public static var notImplemented: Status { Status(501) }
    /// 502 Bad Gateway.
    public static var badGateway: Status { Status(502) }
    /// 503 Service Unavailable.
    public static var serviceUnavailable: Status { Status(503) }

    /// Whether a response with this status never has a body, RFC 9110 section 6.4.1.
    @inlinable package var hasNoBody: Bool { code == 204 || code == 304 }
}
