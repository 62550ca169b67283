import HTTPCore

/// A cookie for a client to keep, RFC 6265bis. Unless said otherwise, only this server gets it back, over TLS, on
/// requests that begin on its own pages or by following a link, and no script can read it; and it lasts until the
/// browser ends.
public struct Cookie: Sendable, Hashable {
    /// Whether requests that other sites cause carry the cookie.
    public enum SameSite: String, Sendable, Hashable {
        /// Never.
        case strict = "Strict"
        /// Only where the user follows a link.
        case lax = "Lax"
        /// Always. Such a cookie must be `isSecure`.
        case none = "None"
    }

    /// A token.
    public var name: String
    /// ASCII without white space, control characters, quotation marks, commas, semicolons and backslashes. Encode
    /// other text, in Base64 or percent signs.
    public var value: String
    /// The host that gets the cookie, and all hosts below it; nil for only the one that sets it.
    public var domain: String?
    /// The paths below which the cookie is sent.
    public var path: String? = "/"
    /// How long the cookie lasts, in whole seconds, rounded down, 285 years at most; zero or less removes it. It goes
    /// before `expires`.
    public var maxAge: Duration?
    /// When the cookie ends, in seconds since 1970-01-01 00:00:00 UTC.
    public var expiresUnixSeconds: Int?
    /// The cookie is sent over TLS only, and to the own machine.
    public var isSecure = true
    /// Scripts can't read the cookie.
    public var isHTTPOnly = true
    /// Whether requests that other sites cause carry the cookie. Nil leaves it to the browser.
    public var sameSite: SameSite? = .lax
    /// Pages of other sites that embed this one get a jar of their own for it (CHIPS). Must be `isSecure`.
    public var isPartitioned = false

    /// Creates a cookie; all else can be changed afterwards.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}

extension Cookie {
    /// The value of Set-Cookie. Throws if a browser would not take the cookie, or would take something else.
    func fieldValue() throws(CookieError) -> String {
        try check()
        var text = "\(name)=\(value)"
        if let domain { text += "; Domain=\(domain)" }
        if let path { text += "; Path=\(path)" }
        if let maxAge { text += "; Max-Age=\(max(0, maxAge.nanoseconds / 1_000_000_000))" }
        if let expiresUnixSeconds {
            var date = ByteBuffer()
            DateField(unixSeconds: expiresUnixSeconds).appendDate(to: &date)
            // The bytes are there as long as the buffer is.
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

    /// What ends neither the attribute nor the field line.
    private static func isAttributeByte(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: ";")
    }
}
