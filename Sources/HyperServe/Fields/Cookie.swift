import HTTPCore

/// A cookie for Set-Cookie, RFC 6265bis. By default, the client sends it only over TLS, only to this host, and only
/// with requests that this site makes or that follow a link; scripts can't read it, and it lasts until the browser
/// ends.
public struct Cookie: Sendable, Hashable {
    /// Whether requests that other sites make carry the cookie.
    public enum SameSite: String, Sendable, Hashable {
        /// They never carry it.
        case strict = "Strict"
        /// Only where the user follows a link.
        case lax = "Lax"
        /// Always. Requires `isSecure`.
        case none = "None"
    }

    /// The name, a token.
    public var name: String
    /// The value: ASCII without white space, control characters, quotation marks, commas, semicolons and backslashes.
    /// Encode other text, for example in Base64 or with percent-encoding.
    public var value: String
    /// The host that gets the cookie, and all hosts below it; nil for only the one that sets it.
    public var domain: String?
    /// The path prefix of the requests that carry the cookie.
    public var path: String? = "/"
    /// How long the cookie lasts, in whole seconds, rounded down, at most 285 years; zero or less removes it. It takes
    /// precedence over `expiresUnixSeconds`.
    public var maxAge: Duration?
    /// When the cookie expires, in seconds since 1970-01-01 00:00:00 UTC.
    public var expiresUnixSeconds: Int?
    /// Whether the cookie is sent only over TLS, or to the local machine.
    public var isSecure = true
    /// Whether the cookie is hidden from scripts.
    public var isHTTPOnly = true
    /// Whether requests that other sites make carry the cookie. Nil for the browser's default.
    public var sameSite: SameSite? = .lax
    /// Whether the cookie is stored separately for each site that embeds this one (CHIPS). Requires `isSecure`.
    public var isPartitioned = false

    /// Creates a cookie with default attributes, which can be changed afterwards.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension Cookie {
    /// The value of Set-Cookie. Throws if browsers would reject the cookie, or read it as another one.
    func fieldValue() throws(CookieError) -> String {
        try check()
        var text = "\(name)=\(value)"
        if let domain { text += "; Domain=\(domain)" }
        if let path { text += "; Path=\(path)" }
        if let maxAge { text += "; Max-Age=\(max(0, maxAge.nanoseconds / 1_000_000_000))" }
        if let expiresUnixSeconds {
            var date = ByteBuffer()
            DateField(unixSeconds: expiresUnixSeconds).appendDate(to: &date)
            // The bytes are valid as long as the buffer.
            text += unsafe "; Expires=\(String(decoding: date.unsafeBytes, as: UTF8.self))"
        }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        if let sameSite { text += "; SameSite=\(sameSite.rawValue)" }
        if isPartitioned { text += "; Partitioned" }
        return text
    }

    private func check() throws(CookieError) {
        guard FieldSyntax.isToken(name) else { throw .invalidName }
        guard value.utf8.allSatisfy(Cookie.isValueByte) else { throw .invalidValue }
        guard name.utf8.count + value.utf8.count <= 4096 else { throw .tooLong }
        for attribute in [domain, path] {
            guard let attribute else { continue }
            guard !attribute.isEmpty, attribute.utf8.count <= 1024, attribute.utf8.allSatisfy(Cookie.isAttributeByte)
            else { throw .invalidAttribute }
        }
        if let path, !path.hasPrefix("/") { throw .invalidAttribute }
        if !isSecure, sameSite == SameSite.none || isPartitioned { throw .notSecure }
        // Browsers compare these without regard to case (RFC 6265bis section 5.7).
        let prefix = name.lowercased()
        if prefix.hasPrefix("__secure-"), !isSecure { throw .notSecure }
        if prefix.hasPrefix("__host-") {
            if !isSecure { throw .notSecure }
            if domain != nil || path != "/" { throw .notForHost }
        }
    }

    /// RFC 6265bis section 4.1.1: cookie-octet.
    private static func isValueByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\\"): false
        default: byte > 0x20 && byte < 0x7F
        }
    }

    /// Bytes that end neither the attribute nor the field value.
    private static func isAttributeByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ";")
    }
}

/// Why a cookie can't be set: browsers would reject it, or read it as another one.
public enum CookieError: Error, Sendable, Equatable {
    /// The name is not a token.
    case invalidName
    /// The value has a character that cookies must not have.
    case invalidValue
    /// Name and value together have more than 4,096 bytes.
    case tooLong
    /// Domain or path is empty, longer than 1,024 bytes or has an invalid character, or the path does not begin with a
    /// slash.
    case invalidAttribute
    /// `__Secure-`, `__Host-`, `SameSite.none` and `isPartitioned` require `isSecure`.
    case notSecure
    /// `__Host-` requires the path "/" and no domain.
    case notForHost
}
