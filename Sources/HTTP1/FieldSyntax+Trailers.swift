extension FieldSyntax {
    /// Whether a field with this name may stand behind a body: a token, and none of those that take part in framing,
    /// routing, authentication or the reading of the content (RFC 9110 section 6.5.1).
    public static func isTrailerName(_ name: String) -> Bool {
        guard isToken(name) else { return false }
        let bytes = Array(name.utf8)
        return !ForbiddenTrailers.contains(bytes.span, from: 0, to: bytes.count)
    }
}
