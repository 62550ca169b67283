import HTTPCore

/// Cross-origin resource sharing: tells browsers which pages of other origins may read the responses, as the Fetch
/// standard defines it (https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// It responds to preflight requests, so it must be outside of any authentication. A response for a page that may not
/// read it has none of the fields, and the browser withholds it.
public struct CORS: Filter, RouteConfiguration, RefusalFilter {
    /// The origins whose pages may read the responses.
    public enum Origins: Sendable {
        /// All origins, never with credentials. All responses have the same fields, whatever the origin.
        case any
        /// These origins, compared byte for byte: "https://example.com", without a slash at the end.
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
    ///   - origins: the origins whose pages may read the responses. `Server.init` throws for an origin that no browser
    ///     sends, and for an invalid field name.
    ///   - methods: the methods that these pages may use, in addition to GET, HEAD and POST.
    ///   - headers: the request fields that they may set, in addition to the standard's own.
    ///   - exposedHeaders: the response fields that they may read, in addition to the standard's own.
    ///   - allowsCredentials: whether requests may have credentials such as cookies. Only for named origins: with
    ///     `.any`, `Server.init` throws.
    ///   - maximumAge: how long browsers cache the response to a preflight request, in whole seconds.
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

    /// Rejects invalid values.
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

    /// Whether a browser may send this origin (RFC 6454 section 7.1). Any other text would never match.
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

    /// Responds to preflight requests.
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

    /// Adds the fields that say whether the page may read the response.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        allowOrigin(of: request, in: &response)
        if !exposedHeaders.isEmpty, response.headers["Access-Control-Allow-Origin"] != nil {
            response.headers["Access-Control-Expose-Headers"] = exposedHeaders
        }
    }

    /// Adds the fields to a 503.
    public func refused(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        after(request, context: &context, response: &response)
    }

    private func allowOrigin(of request: borrowing Request, in response: inout Response) {
        switch origins {
        case .any:
            // Also for a request without an origin, since a cache may reuse the response for one that has an origin.
            response.headers["Access-Control-Allow-Origin"] = "*"
        case .only(let allowed):
            // Also for a request without an origin, since a cache may store the response.
            response.headers.appendVary(once: "Origin")
            guard let origin = request.headers["Origin"], allowed.contains(origin) else { return }
            response.headers["Access-Control-Allow-Origin"] = origin
            if allowsCredentials { response.headers["Access-Control-Allow-Credentials"] = "true" }
        }
    }
}
