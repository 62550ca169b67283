/// The status code of a final response, RFC 9110 section 15: 200 to 599.
///
/// Interim responses, 100 to 199, are the server's own. The codes from 600 to 999, which some programs use among
/// themselves, are invalid in HTTP (RFC 9110 section 15): there is no `Status` for them.
///
/// The registered codes have names. A code from outside, such as another server's response, may not be one, so
/// `init(_:)` returns an optional.
public struct Status: Sendable, Hashable {
    /// 200 to 599.
    public let code: UInt16

    /// Creates a status whose code is known to be valid.
    @inlinable package init(known code: UInt16) { self.code = code }

    /// Creates a status; nil unless the code is between 200 and 599.
    @inlinable public init?(_ code: some BinaryInteger) {
        guard let code = UInt16(exactly: code), (200...599).contains(code) else { return nil }
        self.init(known: code)
    }

    /// Whether a response with this status never has a body, RFC 9110 section 6.4.1.
    @inlinable package var hasNoBody: Bool { code == 204 || code == 304 }
}

extension Status: LosslessStringConvertible {
    /// The code in digits, "404".
    public var description: String { String(code) }

    /// Creates the status whose code is written in three digits; nil for any other text.
    public init?(_ description: String) {
        // "+404" would be a number too.
        guard description.utf8.count == 3, description.utf8.allSatisfy(ASCII.isDigit), let code = UInt16(description)
        else { return nil }
        self.init(code)
    }
}

extension Status: Codable {
    /// Decodes a number. Throws `DecodingError` unless it is between 200 and 599.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let status = Status(try container.decode(Int.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a status of 200 to 599")
        }
        self = status
    }

    /// Encodes the code as a number.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

// The registered codes.
extension Status {
    /// 200 OK.
    public static var ok: Status { Status(known: 200) }
    /// 201 Created.
    public static var created: Status { Status(known: 201) }
    /// 202 Accepted.
    public static var accepted: Status { Status(known: 202) }
    /// 203 Non-Authoritative Information.
    public static var nonAuthoritativeInformation: Status { Status(known: 203) }
    /// 204 No Content.
    public static var noContent: Status { Status(known: 204) }
    /// 205 Reset Content.
    public static var resetContent: Status { Status(known: 205) }
    /// 206 Partial Content.
    public static var partialContent: Status { Status(known: 206) }
    /// 207 Multi-Status (RFC 4918).
    public static var multiStatus: Status { Status(known: 207) }
    /// 208 Already Reported (RFC 5842).
    public static var alreadyReported: Status { Status(known: 208) }
    /// 226 IM Used (RFC 3229).
    public static var imUsed: Status { Status(known: 226) }
    /// 300 Multiple Choices.
    public static var multipleChoices: Status { Status(known: 300) }
    /// 301 Moved Permanently.
    public static var movedPermanently: Status { Status(known: 301) }
    /// 302 Found.
    public static var found: Status { Status(known: 302) }
    /// 303 See Other.
    public static var seeOther: Status { Status(known: 303) }
    /// 304 Not Modified.
    public static var notModified: Status { Status(known: 304) }
    /// 307 Temporary Redirect.
    public static var temporaryRedirect: Status { Status(known: 307) }
    /// 308 Permanent Redirect.
    public static var permanentRedirect: Status { Status(known: 308) }
    /// 400 Bad Request.
    public static var badRequest: Status { Status(known: 400) }
    /// 401 Unauthorized.
    public static var unauthorized: Status { Status(known: 401) }
    /// 402 Payment Required.
    public static var paymentRequired: Status { Status(known: 402) }
    /// 403 Forbidden.
    public static var forbidden: Status { Status(known: 403) }
    /// 404 Not Found.
    public static var notFound: Status { Status(known: 404) }
    /// 405 Method Not Allowed.
    public static var methodNotAllowed: Status { Status(known: 405) }
    /// 406 Not Acceptable.
    public static var notAcceptable: Status { Status(known: 406) }
    /// 407 Proxy Authentication Required.
    public static var proxyAuthenticationRequired: Status { Status(known: 407) }
    /// 408 Request Timeout.
    public static var requestTimeout: Status { Status(known: 408) }
    /// 409 Conflict.
    public static var conflict: Status { Status(known: 409) }
    /// 410 Gone.
    public static var gone: Status { Status(known: 410) }
    /// 411 Length Required.
    public static var lengthRequired: Status { Status(known: 411) }
    /// 412 Precondition Failed.
    public static var preconditionFailed: Status { Status(known: 412) }
    /// 413 Content Too Large.
    public static var contentTooLarge: Status { Status(known: 413) }
    /// 414 URI Too Long.
    public static var uriTooLong: Status { Status(known: 414) }
    /// 415 Unsupported Media Type.
    public static var unsupportedMediaType: Status { Status(known: 415) }
    /// 416 Range Not Satisfiable.
    public static var rangeNotSatisfiable: Status { Status(known: 416) }
    /// 417 Expectation Failed.
    public static var expectationFailed: Status { Status(known: 417) }
    /// 421 Misdirected Request.
    public static var misdirectedRequest: Status { Status(known: 421) }
    /// 422 Unprocessable Content.
    public static var unprocessableContent: Status { Status(known: 422) }
    /// 423 Locked (RFC 4918).
    public static var locked: Status { Status(known: 423) }
    /// 424 Failed Dependency (RFC 4918).
    public static var failedDependency: Status { Status(known: 424) }
    /// 425 Too Early (RFC 8470).
    public static var tooEarly: Status { Status(known: 425) }
    /// 426 Upgrade Required.
    public static var upgradeRequired: Status { Status(known: 426) }
    /// 428 Precondition Required (RFC 6585).
    public static var preconditionRequired: Status { Status(known: 428) }
    /// 429 Too Many Requests (RFC 6585).
    public static var tooManyRequests: Status { Status(known: 429) }
    /// 431 Request Header Fields Too Large (RFC 6585).
    public static var requestHeaderFieldsTooLarge: Status { Status(known: 431) }
    /// 451 Unavailable For Legal Reasons (RFC 7725).
    public static var unavailableForLegalReasons: Status { Status(known: 451) }
    /// 500 Internal Server Error.
    public static var internalServerError: Status { Status(known: 500) }
    /// 501 Not Implemented.
    public static var notImplemented: Status { Status(known: 501) }
    /// 502 Bad Gateway.
    public static var badGateway: Status { Status(known: 502) }
    /// 503 Service Unavailable.
    public static var serviceUnavailable: Status { Status(known: 503) }
    /// 504 Gateway Timeout.
    public static var gatewayTimeout: Status { Status(known: 504) }
    /// 505 HTTP Version Not Supported.
    public static var httpVersionNotSupported: Status { Status(known: 505) }
    /// 506 Variant Also Negotiates (RFC 2295).
    public static var variantAlsoNegotiates: Status { Status(known: 506) }
    /// 507 Insufficient Storage (RFC 4918).
    public static var insufficientStorage: Status { Status(known: 507) }
    /// 508 Loop Detected (RFC 5842).
    public static var loopDetected: Status { Status(known: 508) }
    /// 511 Network Authentication Required (RFC 6585).
    public static var networkAuthenticationRequired: Status { Status(known: 511) }
}
