/// Bearer authentication with a token, RFC 6750. The owner of the token becomes `RequestContext.principal`; a request
/// without a valid token gets 401.
///
/// The token is sent unencrypted: use it only behind a proxy with TLS.
public struct BearerAuth: RequestFilter, RouteConfiguration {
    private let challenge: String
    private let problem: String?
    private let authenticate: @Sendable (_ token: String) throws -> String?

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - realm: what the token is for, as shown to the client: printable ASCII, which `Server.init` checks.
    ///   - authenticate: returns the owner of the token, or nil if it is invalid; compare with `isSameSecret`. Runs on
    ///     the handler's thread.
    public init(
        realm: String = "api", authenticate: @escaping @Sendable (_ token: String) throws -> String?
    ) {
        challenge = "Bearer realm=\(quotedString(realm))"
        problem = realmProblem(realm)
        self.authenticate = authenticate
    }

    /// Rejects a realm that is invalid in a challenge.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Responds with 401 unless the token is valid.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let token = credentials(request, scheme: "bearer") else {
            return context.response(to: unauthorized(challenge), for: request)
        }
        guard !token.isEmpty, token.utf8.allSatisfy(isTokenByte), let principal = try authenticate(token) else {
            return context.response(to: unauthorized(challenge + ", error=\"invalid_token\""), for: request)
        }
        context.principal = principal
        return nil
    }

    /// The characters of RFC 6750's `b64token`.
    private func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        case UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): true
        default: false
        }
    }
}
