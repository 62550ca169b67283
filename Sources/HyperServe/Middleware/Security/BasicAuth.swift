/// Basic authentication with a name and a password, RFC 7617. The name becomes `RequestContext.principal`; a request
/// without valid credentials gets 401.
///
/// The password is sent unencrypted: use it only behind a proxy with TLS.
public struct BasicAuth: RequestFilter, RouteConfiguration {
    private let challenge: String
    private let problem: String?
    private let authenticate: @Sendable (_ name: String, _ password: String) throws -> Bool

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - realm: what the password is for, as shown to the client: printable ASCII, which `Server.init` checks.
    ///   - authenticate: returns whether the password is valid for the name; compare with `isSameSecret`. Runs on the
    ///     handler's thread.
    public init(
        realm: String, authenticate: @escaping @Sendable (_ name: String, _ password: String) throws -> Bool
    ) {
        challenge = "Basic realm=\(quotedString(realm)), charset=\"UTF-8\""
        problem = realmProblem(realm)
        self.authenticate = authenticate
    }

    /// Creates the middleware for a few users with their passwords. A request is compared with each of them, in
    /// constant time.
    public init(realm: String, users: [String: String]) {
        self.init(realm: realm) { name, password in
            var isKnown = false
            for (knownName, knownPassword) in users {
                let isName = isSameSecret(name, knownName)
                // Compared even if the name differs.
                let isPassword = isSameSecret(password, knownPassword)
                isKnown = (isName && isPassword) || isKnown
            }
            return isKnown
        }
    }

    /// Rejects a realm that is invalid in a challenge.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Responds with 401 unless the credentials are valid.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let credentials = credentials(request, scheme: "basic"), let bytes = decodeBase64(credentials),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let name = String(validating: bytes[..<colon], as: UTF8.self),
            let password = String(validating: bytes[(colon + 1)...], as: UTF8.self),
            // RFC 7617 section 2: no control characters in either.
            !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            try authenticate(name, password)
        else { return context.response(to: unauthorized(challenge), for: request) }
        context.principal = name
        return nil
    }
}
