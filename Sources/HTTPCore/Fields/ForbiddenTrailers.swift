/// The fields that are meaningless or dangerous as trailers: RFC 9110 section 6.5.1.
package enum ForbiddenTrailers {
    /// Whether `bytes[start..<end]` names one of them; underscores count as hyphens, as they do for many recipients.
    package static func contains(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Bool {
        for name in names where matches(bytes, from: start, to: end, name) { return true }
        for prefix in prefixes where end - start >= prefix.utf8CodeUnitCount {
            if matches(bytes, from: start, to: start + prefix.utf8CodeUnitCount, prefix) { return true }
        }
        return false
    }

    private static let prefixes: [StaticString] = ["access-control-", "if-", "proxy-", "sec-", "x-forwarded-"]

    private static let names: [StaticString] = [
        // Framing and the connection.
        "connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
        // Routing.
        "forwarded", "host", "max-forwards", "origin", "referer", "via", "x-http-method-override", "x-original-url",
        "x-real-ip", "x-rewrite-url",
        // Request modifiers.
        "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "expect", "pragma", "range",
        // Authentication and state.
        "authorization", "cookie", "cookie2", "set-cookie", "www-authenticate",
        // Processing of the content.
        "content-disposition", "content-encoding", "content-language", "content-location", "content-range",
        "content-type",
        // Fields of responses only.
        "age", "date", "expires", "location", "retry-after", "vary", "warning",
    ]

    private static func matches(_ bytes: Span<UInt8>, from start: Int, to end: Int, _ name: StaticString) -> Bool {
        guard end - start == name.utf8CodeUnitCount else { return false }
        for index in start..<end {
            // In bounds: the lengths are equal.
            let expected = unsafe name.utf8Start[index - start]
            var byte = ASCII.lowercased(bytes[index])
            if byte == UInt8(ascii: "_") { byte = UInt8(ascii: "-") }
            if byte != expected { return false }
        }
        return true
    }
}
