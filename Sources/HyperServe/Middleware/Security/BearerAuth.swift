/// Asks for a token, RFC 6750. Whose it is becomes the request's `RequestContext.principal`; others get 401.
///
/// What is sent can be read by anyone on the way: only where TLS is in front.
public struct BearerAuth: Filter {
    private let challenge: String
    private let problem: String?
    private let authenticate: @Sendable (_ token: String) throws -> String?

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - realm: what the token is for, as shown to the client: printable ASCII, which `Server.init` checks.
    ///   - authenticate: whom the token belongs to, or nil if nobody; compare with `isSameSecret`. Runs on the
    ///     handler's thread.
    public init(
        realm: String = "api", authenticate: @escaping @Sendable (_ token: String) throws -> String?
    ) {
        challenge = "Bearer realm=\(quotedString(realm))"
        problem = realmProblem(realm)
        self.authenticate = authenticate
    }

    /// Reports a realm that can't stand in a challenge.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Lets those through who have a token.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let token = credentials(request, scheme: "bearer") else { return unauthorized(challenge) }
        guard !token.isEmpty, token.utf8.allSatisfy(isTokenByte), let principal = try authenticate(token) else {
            return unauthorized(challenge + ", error=\"invalid_token\"")
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
