public import HTTPCore

/// Encoding of responses, RFC 9112 sections 4 to 7: the exact size is reserved first, then the bytes are appended.
///
/// The head of a response consists of a status line, field lines and `appendHeadEnd()`; the common one is `appendHead`.
/// Nothing here allocates except the buffer when it grows.
extension ByteBuffer {
    /// Appends the status line for `code`, which has three digits. The reason phrase of an unregistered code is
    /// empty; the space before it is not (RFC 9112 section 4).
    package mutating func appendStatusLine(_ code: UInt16) {
        precondition((100...999).contains(code), "a status code has three digits")
        let phrase = ReasonPhrase.registered(code) ?? ""
        // "HTTP/1.1 ", three digits, a space, the phrase and CR LF.
        let byteCount = 9 + 3 + 1 + phrase.utf8CodeUnitCount + 2
        unsafe append(maximum: byteCount) { room in
            // In bounds: as many bytes are written.
            var end = room.baseAddress!
            unsafe Self.push("HTTP/1.1 ", &end)
            unsafe end += 3
            unsafe Decimal.write(Int(code), before: end)
            unsafe Self.push(" ", &end)
            unsafe Self.push(phrase, &end)
            unsafe Self.push("\r\n", &end)
            return byteCount
        }
    }

    /// Appends a field line. Both parts are literals and must be valid: `FieldSyntax` is not asked.
    package mutating func appendField(_ name: StaticString, _ value: StaticString) {
        reserve(name.utf8CodeUnitCount + value.utf8CodeUnitCount + 4)
        append(name)
        append(": ")
        append(value)
        append("\r\n")
    }

    /// Appends a field line, or returns false and appends nothing if the name is not a token, or if the value contains
    /// a control byte or begins or ends with white space, so that no data can split a response.
    package mutating func appendField(name: String, value: String) -> Bool {
        // The UTF-8 of a String has no padding.
        let (name, value) = unsafe (name.utf8.span.bytes, value.utf8.span.bytes)
        guard FieldSyntax.isToken(name), FieldSyntax.isValue(value) else { return false }
        unsafe append(maximum: name.byteCount + value.byteCount + 4) { room in
            // In bounds: as many bytes are written.
            var end = room.baseAddress!
            unsafe Self.push(name, &end)
            unsafe Self.push(": ", &end)
            unsafe Self.push(value, &end)
            unsafe Self.push("\r\n", &end)
            return room.count
        }
        return true
    }

    /// Appends the empty line that ends a head.
    @inlinable
    package mutating func appendHeadEnd() { append("\r\n") }

    /// Appends `bytes` as one chunk (RFC 9112 section 7.1), or nothing if there are none: an empty chunk would end
    /// the body.
    package mutating func appendChunk(_ bytes: RawSpan) {
        guard bytes.byteCount > 0 else { return }
        // Sixteen digits and two line ends.
        reserve(bytes.byteCount + 20)
        append(hexadecimal: bytes.byteCount)
        append("\r\n")
        append(bytes)
        append("\r\n")
    }

    private mutating func append(hexadecimal number: Int) {
        let count = max(1, (Int.bitWidth - number.leadingZeroBitCount + 3) / 4)
        for shift in stride(from: 4 * (count - 1), through: 0, by: -4) {
            let digit = UInt8(truncatingIfNeeded: number >> shift) & 0xF
            append(byte: ASCII.hexadecimalDigit(digit))
        }
    }
}
