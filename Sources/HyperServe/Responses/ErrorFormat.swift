import HTTPCore

/// The format of all error responses that a handler or a middleware has not written itself: of thrown errors, of the
/// middlewares of this module, of requests without a route, and of those that the server refuses or gives up.
///
/// Responses to HEAD have no body in any format.
public enum ErrorFormat: Sendable {
    /// The message as plain text; for an `HTTPError` with `ProblemDetails`, those.
    case text
    /// `ProblemDetails` with the message as their detail, unless the request's Accept field excludes them: then plain
    /// text.
    case problemDetails
    /// The body, media type and header fields of the response that a closure returns, HTML for example. The status and
    /// the fields of `ErrorDescription.headers` are always those of the error.
    ///
    /// ```swift
    /// configuration.errorFormat = .custom { error in
    ///     .html("<h1>\(error.title)</h1><p>\(ErrorDescription.escapedHTML(error.detail ?? ""))</p>")
    /// }
    /// ```
    ///
    /// The closure runs on a reactor's thread, or on the pool's for the errors of blocking handlers, so it must not
    /// block: each request that is refused calls it. If it throws, or returns a stream or a header field that must not
    /// be sent, the client gets the error as plain text, and ``ServerConfiguration/log`` a line.
    case custom(@Sendable (_ error: ErrorDescription) throws -> Response)
}

extension ErrorFormat {
    /// Returns the response to an error. `request` is called if it depends on the request. Throws what the closure
    /// throws, `InvalidErrorResponse`, or an error of the encoding of problem details.
    func response(to error: ErrorDescription, _ request: () -> FailedRequest?) throws -> Response {
        switch self {
        case .text where !error.hasProblem:
            return error.plainText
        case .text, .problemDetails:
            if let request = request(), request.preferredMediaType(of: [.problemDetails, .json]) == nil {
                return error.plainText
            }
            var response = try Response.problem(error.problem)
            response.headers = error.headers
            return response
        case .custom(let format):
            var error = error
            error.request = request()
            var response = try format(error)
            if let problem = response.problemAsError { throw InvalidErrorResponse(problem: problem) }
            response.status = error.status
            for field in error.headers { response.headers[field.name] = nil }
            for field in error.headers { response.headers.append(name: field.name, value: field.value) }
            return response
        }
    }
}

extension ErrorDescription {
    /// The response in plain text.
    var plainText: Response {
        var response = text.isEmpty ? Response.status(status) : .text(text, status: status)
        response.headers = headers
        return response
    }

    /// The response in plain text that replaces one of a format that has failed. It always says something.
    var fallback: Response {
        var response = plainText
        if text.isEmpty {
            response.contentType = .plainText
            response.body = .text(title + "\n")
        }
        return response
    }
}

/// The error for a response of a custom format that can't be sent.
struct InvalidErrorResponse: Error, CustomStringConvertible {
    fileprivate let problem: String

    var description: String { problem }
}

extension Response {
    /// Why the response can't be sent as that of an error; nil if it can.
    fileprivate var problemAsError: String? {
        if stream != nil { return "it returned a stream" }
        if case .text(let type) = contentType?.storage, !FieldSyntax.isValue(type) {
            return "it returned an invalid Content-Type"
        }
        let invalid = headers.first { !FieldSyntax.isToken($0.name) || !FieldSyntax.isValue($0.value) }
        return invalid.map { "it returned the invalid header field \($0.name)" }
    }
}
