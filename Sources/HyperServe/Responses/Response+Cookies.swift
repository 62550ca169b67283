extension Response {
    /// Sets a cookie. It replaces a cookie of the client with the same name, domain and path, but not one that was set
    /// in the same response: set each cookie once.
    ///
    /// - Throws: `CookieError`, without an effect, if the cookie is not valid in a field or browsers would reject it.
    public mutating func setCookie(_ cookie: Cookie) throws(CookieError) {
        headers.append(name: "Set-Cookie", value: try cookie.fieldValue())
    }

    /// Removes a cookie from the client. It must have the domain and path that it was set with.
    ///
    /// - Throws: `CookieError`, like `setCookie(_:)`.
    public mutating func removeCookie(_ cookie: Cookie) throws(CookieError) {
        var cookie = cookie
        cookie.value = ""
        cookie.maxAge = .zero
        cookie.expiresUnixSeconds = 0
        try setCookie(cookie)
    }
}
