/// The syntax of field lines; the protection against responses that a handler's data would split.
@usableFromInline
package enum FieldSyntax {
    /// Whether `bytes` is a token, and so a valid field name (RFC 9110 sections 5.1 and 5.6.2).
    @inlinable
    package static func isToken(_ bytes: RawSpan) -> Bool {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        let end = input.endOfRun(of: .token, from: input.endOfPlain(from: 0, to: input.count), to: input.count)
        return end == input.count && !input.isEmpty
    }

    /// Whether `bytes` may be a field value (RFC 9110 section 5.5): no control byte except the tab, and no white
    /// space at either end. An empty value is valid.
    @inlinable
    package static func isValue(_ bytes: RawSpan) -> Bool {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let input = unsafe bytes._unsafeView(as: UInt8.self)
        if input.isEmpty { return true }
        return input.endOfValue(from: 0, to: input.count) == input.count && !ASCII.isWhitespace(input[0])
            && !ASCII.isWhitespace(input[input.count - 1])
    }

    /// As `isToken(_:)` for the UTF-8 of `text`.
    package static func isToken(_ text: String) -> Bool {
        // The UTF-8 of a String has no padding.
        unsafe isToken(text.utf8.span.bytes)
    }

    /// As `isValue(_:)` for the UTF-8 of `text`.
    package static func isValue(_ text: String) -> Bool {
        // As above.
        unsafe isValue(text.utf8.span.bytes)
    }
}

extension FieldSyntax {
    /// The text without the spaces and tabs at its ends, which are no part of a field value (RFC 9110 section 5.5).
    package static func trimmed(_ text: String) -> String {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last, ASCII.isWhitespace(first) || ASCII.isWhitespace(last)
        else {
            return text
        }
        var rest = bytes.drop(while: ASCII.isWhitespace)
        while let last = rest.last, ASCII.isWhitespace(last) { rest.removeLast() }
        return String(Substring(rest))
    }

    /// Whether a trailer may have this name: a token, and not a field for framing, routing, authentication or the
    /// processing of the content (RFC 9110 section 6.5.1).
    package static func isTrailerName(_ name: String) -> Bool {
        guard isToken(name) else { return false }
        let bytes = Array(name.utf8)
        return !ForbiddenTrailers.contains(bytes.span, from: 0, to: bytes.count)
    }
}
