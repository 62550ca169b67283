/// Why a cookie can't be set: a browser would not take it, or would take something else.
public enum CookieError: Error, Sendable, Equatable {
    /// The name is no token.
    case invalidName
    /// The value has a character that no cookie may have.
    case invalidValue
    /// Name and value have more than 4,096 bytes together.
    case tooLong
    /// Domain or path is empty, longer than 1,024 bytes or has a character that it may not have, or the path does not
    /// begin with a slash.
    case invalidAttribute
    /// `__Secure-`, `__Host-`, `SameSite.none` and `isPartitioned` want `isSecure`.
    case notSecure
    /// `__Host-` wants the path "/" and no domain.
    case notForHost
}
