/// Asks for a name and a password, RFC 7617. Who has them is the request's `RequestContext.principal`; others get 401.
///
/// What is sent can be read by anyone on the way: only where TLS is in front.
public struct BasicAuth: Filter {
    private let challenge: String
    private let problem: String?
    private let authenticate: @Sendable (_ name: String, _ password: String) throws -> Bool

    /// Creates the middleware.
    ///
    /// - Parameters:
    ///   - realm: what the password is for, as shown to the client: printable ASCII, which `Server.init` checks.
    ///   - authenticate: whether the password is the name's; compare with `isSameSecret`. Runs on the handler's thread.
    public init(
        realm: String, authenticate: @escaping @Sendable (_ name: String, _ password: String) throws -> Bool
    ) {
        challenge = "Basic realm=\(quotedString(realm)), charset=\"UTF-8\""
        problem = realmProblem(realm)
        self.authenticate = authenticate
    }

    /// Creates the middleware for a few users, with their passwords. Each of them is compared with in constant time.
    public init(realm: String, users: [String: String]) {
        self.init(realm: realm) { name, password in
            var isKnown = false
            for (knownName, knownPassword) in users {
                let isName = isSameSecret(name, knownName)
                // Both are compared, whatever the first says.
                let isPassword = isSameSecret(password, knownPassword)
                isKnown = (isName && isPassword) || isKnown
            }
            return isKnown
        }
    }

    /// Reports a realm that can't stand in a challenge.
    public func configure(_ options: inout RouteOptions) {
        if let problem { options.reject(self, because: problem) }
    }

    /// Lets those through who have the password.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let credentials = credentials(request, scheme: "basic"), let bytes = decodeBase64(credentials),
            let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
            let name = String(validating: bytes[..<colon], as: UTF8.self),
            let password = String(validating: bytes[(colon + 1)...], as: UTF8.self),
            // RFC 7617 section 2: no control characters in either.
            !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }),
            try authenticate(name, password)
        else { return unauthorized(challenge) }
        context.principal = name
        return nil
    }
}
