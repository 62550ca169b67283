import HTTPCore

/// Tells browsers which pages of other origins may use the answers: cross-origin resource sharing, as the Fetch
/// standard has it (https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// It answers the browsers' preflight requests, and so goes outside of whatever asks for authentication. A page that
/// may not use an answer gets it without the fields, and the browser withholds it.
public struct CORS: Filter {
    /// Whose pages may use the answers.
    public enum Origins: Sendable {
        /// Everyone's, never with credentials. Every response says so, and none depends on the origin.
        case any
        /// Those of these origins, compared byte for byte: "https://example.com", without a slash at the end.
        case only(Set<String>)
    }

    private let origins: Origins
    private let methods: String
    private let headers: String
    private let exposedHeaders: String
    private let allowsCredentials: Bool
    private let maximumAge: String
    private let problem: String?

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - origins: whose pages may use the answers. `Server.init` reports those that no browser sends, and names of
    ///     fields that are none.
    ///   - methods: what they may send beside GET, HEAD and POST.
    ///   - headers: the fields they may set beside the usual ones.
    ///   - exposedHeaders: the answer's fields that they may read beside the usual ones.
    ///   - allowsCredentials: whether cookies and the like are sent along. Only for named origins: with `.any` they are
    ///     never allowed, whatever this says.
    ///   - maximumAge: how long browsers remember the answer to a preflight request, in whole seconds.
    public init(
        origins: Origins, methods: [Method] = [.get, .head, .post, .put, .patch, .delete],
        headers: [String] = ["Content-Type"], exposedHeaders: [String] = [], allowsCredentials: Bool = false,
        maximumAge: Duration = .seconds(600)
    ) {
        problem =
            CORS.problem(origins, allowsCredentials: allowsCredentials)
            ?? CORS.problem("headers", headers) ?? CORS.problem("exposedHeaders", exposedHeaders)
            ?? OutOfRange.problem("maximumAge", maximumAge, mayBeZero: true)
        self.origins = origins
        self.methods = methods.map(\.description).joined(separator: ", ")
        self.headers = headers.joined(separator: ", ")
        self.exposedHeaders = exposedHeaders.joined(separator: ", ")
        self.allowsCredentials = allowsCredentials
        self.maximumAge = String(maximumAge.nanoseconds / 1_000_000_000)
    }

    /// Reports what it can't work with.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    private static func problem(_ origins: Origins, allowsCredentials: Bool) -> String? {
        guard case .only(let named) = origins else {
            return allowsCredentials
                ? "allowsCredentials is true and origins is any; credentials are for named origins only" : nil
        }
        return named.sorted().first { !isOrigin($0) }.map { origin in
            "origins has \(origin.debugDescription); an origin is a scheme, \"://\", a host and perhaps a port, or null"
        }
    }

    private static func problem(_ name: String, _ fields: [String]) -> String? {
        fields.first { !FieldSyntax.isToken($0) }.map { "\(name) has \($0.debugDescription), which is no field's name" }
    }

    /// Whether a browser may send it as an origin (RFC 6454 section 7.1): what is compared with others never matches.
    private static func isOrigin(_ text: String) -> Bool {
        if text == "null" { return true }
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else {
            return false
        }
        let authority = text[colon...].dropFirst(3).utf8
        return FieldSyntax.isToken(String(text[..<colon])) && !authority.isEmpty
            && authority.allSatisfy { byte in
                byte > 0x20 && byte < 0x7F && !"/?#@\\,*".utf8.contains(byte)
            }
    }

    /// Answers preflight requests.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard request.method == .options, request.headers.contains("Origin"),
            request.headers.contains("Access-Control-Request-Method")
        else { return nil }
        var response = Response(status: .noContent)
        response.headers.appendVary("Access-Control-Request-Method, Access-Control-Request-Headers")
        allowOrigin(of: request, in: &response)
        guard response.headers["Access-Control-Allow-Origin"] != nil else { return response }
        if !methods.isEmpty { response.headers["Access-Control-Allow-Methods"] = methods }
        if !headers.isEmpty { response.headers["Access-Control-Allow-Headers"] = headers }
        response.headers["Access-Control-Max-Age"] = maximumAge
        return response
    }

    /// Says whether the page may use the answer.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        allowOrigin(of: request, in: &response)
        if !exposedHeaders.isEmpty, response.headers["Access-Control-Allow-Origin"] != nil {
            response.headers["Access-Control-Expose-Headers"] = exposedHeaders
        }
    }

    /// Says the same of a 503.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        after(request, context: &context, response: &response)
    }

    private func allowOrigin(of request: borrowing Request, in response: inout Response) {
        switch origins {
        case .any:
            // For a request without an origin too, since a cache may keep the response for one that has an origin.
            response.headers["Access-Control-Allow-Origin"] = "*"
        case .only(let allowed):
            // For a request without an origin too, since a cache may keep the answer.
            response.headers.appendVary(once: "Origin")
            guard let origin = request.headers["Origin"], allowed.contains(origin) else { return }
            response.headers["Access-Control-Allow-Origin"] = origin
            if allowsCredentials { response.headers["Access-Control-Allow-Credentials"] = "true" }
        }
    }
}
