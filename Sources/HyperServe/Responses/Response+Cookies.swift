extension Response {
    /// Has the client keep a cookie. It takes the place of one of the same name, domain and path that the client has,
    /// but not of one that was set in the same answer: set each once.
    ///
    /// - Throws: `CookieError`, with nothing set, if the cookie can't stand in a field line or browsers refuse it.
    public mutating func setCookie(_ cookie: Cookie) throws(CookieError) {
        headers.append(name: "Set-Cookie", value: try cookie.fieldValue())
    }

    /// Has the client forget a cookie, which must have the domain and path that it was set with.
    ///
    /// - Throws: `CookieError`, as `setCookie(_:)`.
    public mutating func removeCookie(_ cookie: Cookie) throws(CookieError) {
        var cookie = cookie
        cookie.value = ""
        cookie.maxAge = .zero
        cookie.expiresUnixSeconds = 0
        try setCookie(cookie)
    }
}
