import HTTPCore

/// An error for which a client gets a response: one that a handler or middleware has thrown, or one that the server has
/// detected. An `ErrorFormat.custom` turns it into the content of the response.
public struct ErrorDescription: Sendable {
    /// The error as problem details: status, detail and perhaps more. Those of an `HTTPError` if it has some. The
    /// detail may contain what the client has sent: in HTML, escape it.
    public var problem: ProblemDetails
    /// The fields that the response has, whatever the format returns: `Allow`, `WWW-Authenticate`, `Retry-After`, and
    /// those of an `HTTPError`.
    public var headers: HeaderFields
    /// The request. Nil if the server has not received the whole head of one, or if it is malformed.
    public var request: FailedRequest?
    /// The body of the response in plain text.
    let text: String
    /// Whether the error was created with problem details, which clients get by default.
    let hasProblem: Bool

    /// The status of the response.
    public var status: Status { problem.status }

    /// What went wrong, for a person; nil if there is nothing to say besides the status.
    public var detail: String? { problem.detail }

    /// The kind of error in a few words: "Not Found". The digits of the status if it has no reason phrase.
    public var title: String { problem.title ?? status.reasonPhrase ?? status.description }

    /// Creates a description, to test a format with.
    public init(_ problem: ProblemDetails, headers: HeaderFields = .init(), request: FailedRequest? = nil) {
        self.init(problem, headers: headers, text: problem.detail ?? problem.title ?? "", hasProblem: true)
        self.request = request
    }

    private init(_ problem: ProblemDetails, headers: HeaderFields, text: String, hasProblem: Bool) {
        self.problem = problem
        self.headers = headers
        self.text = text
        self.hasProblem = hasProblem
    }

    /// Returns text with the characters escaped that have a meaning in HTML, also within quotation marks.
    public static func escapedHTML(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}

extension ErrorDescription {
    /// Describes an error that was thrown.
    init(_ error: HTTPError) {
        let detail = error.message.isEmpty ? nil : error.message
        var problem = error.problem ?? ProblemDetails(error.status, detail: detail)
        // Each can be changed afterwards; the error's status is that of the response.
        problem.status = error.status
        self.init(problem, headers: error.headers, text: error.message, hasProblem: error.problem != nil)
    }

    /// Describes an error of the server's own, whose text is a line.
    init(_ status: Status, detail: String? = nil, headers: HeaderFields = .init()) {
        let text = detail ?? status.reasonPhrase ?? status.description
        self.init(ProblemDetails(status, detail: detail), headers: headers, text: text + "\n", hasProblem: false)
    }

    /// Describes an error whose plain text is empty.
    init(withoutText status: Status) {
        self.init(ProblemDetails(status), headers: .init(), text: "", hasProblem: false)
    }
}

/// The request that an error belongs to, as far as the format of the error needs it. A copy, which may be kept.
public struct FailedRequest: Sendable {
    /// The method.
    public var method: Method
    /// The path as it was sent, percent-encoded; "/" if the target has none. In HTML, escape it.
    public var path: String
    /// The value of the Accept field, with the values of several joined by commas; nil if there is none.
    public var accept: String?

    /// Creates a request, to test a format with.
    public init(_ method: Method, _ path: String, accept: String? = nil) {
        self.method = method
        self.path = path
        self.accept = accept
    }

    /// Returns the offer that the client prefers by its Accept field; see `Request.preferredMediaType(of:)`.
    public func preferredMediaType(of offers: [MediaType]) -> MediaType? {
        preferredOffer(of: offers, accept: accept)
    }

    /// Whether the client accepts a media type by its Accept field.
    public func accepts(_ mediaType: MediaType) -> Bool { preferredMediaType(of: [mediaType]) != nil }
}

extension FailedRequest {
    /// Copies what is needed of a head.
    init(_ head: RequestHead, _ bytes: HeadView) {
        self.init(bytes.withBytes { head.method(in: $0) }, head.path.isEmpty ? "/" : bytes.string(head.path))
        accept = Request.Headers(fields: head.fields, head: bytes)["Accept"]
    }
}
