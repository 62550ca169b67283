import Glibc

/// The head that nearly every answer has, written in one go.
extension ByteBuffer {
    /// Appends status line, Date, and where given Content-Type, Content-Length and Connection. With `isComplete`
    /// false the empty line at the end is left out, so that more fields and `appendHeadEnd()` can follow.
    ///
    /// `status` has three digits and `contentLength` is not negative. Whether a Content-Length belongs into the
    /// answer (not with 1xx and 204, RFC 9110 section 8.6) is the caller's to know.
    public mutating func appendHead(
        status: UInt16,
        date: DateField,
        contentType: StaticString?,
        contentLength: Int?,
        connection: ConnectionDirective,
        isComplete: Bool = true
    ) {
        guard let statusLine = StatusLine.registered(status) else {
            appendStatusLine(status)
            return appendFields(
                after: "", date, contentType, contentLength, connection, isComplete: isComplete)
        }
        appendFields(after: statusLine, date, contentType, contentLength, connection, isComplete: isComplete)
    }

    @inline(__always)
    private mutating func appendFields(
        after statusLine: StaticString,
        _ date: DateField,
        _ contentType: StaticString?,
        _ contentLength: Int?,
        _ connection: ConnectionDirective,
        isComplete: Bool
    ) {
        let digitCount = contentLength.map(Decimal.digitCount) ?? 0
        let byteCount =
            statusLine.utf8CodeUnitCount + DateField.byteCount
            + (contentType.map { "Content-Type: \r\n".utf8.count + $0.utf8CodeUnitCount } ?? 0)
            + (contentLength == nil ? 0 : "Content-Length: \r\n".utf8.count + digitCount)
            + connection.line.utf8CodeUnitCount + (isComplete ? 2 : 0)
        unsafe append(maximum: byteCount) { room in
            // In bounds: `byteCount` is the sum of exactly what is written below.
            var end = room.baseAddress!
            unsafe Self.push(statusLine, &end)
            unsafe date.push(&end)
            if let contentType {
                unsafe Self.push("Content-Type: ", &end)
                unsafe Self.push(contentType, &end)
                unsafe Self.push("\r\n", &end)
            }
            if let contentLength {
                unsafe Self.push("Content-Length: ", &end)
                unsafe end += digitCount
                unsafe Decimal.write(contentLength, before: end)
                unsafe Self.push("\r\n", &end)
            }
            unsafe Self.push(connection.line, &end)
            if isComplete { unsafe Self.push("\r\n", &end) }
            return unsafe end - room.baseAddress!
        }
    }

    /// Copies `literal` to `end`, where the caller guarantees room for it, and moves `end` behind it.
    @unsafe @inline(__always)
    private static func push(_ literal: StaticString, _ end: inout UnsafeMutableRawPointer) {
        unsafe memcpy(end, literal.utf8Start, literal.utf8CodeUnitCount)
        unsafe end += literal.utf8CodeUnitCount
    }
}

extension DateField {
    /// Copies the line to `end`, where the caller guarantees room for it, and moves `end` behind it.
    @unsafe @inline(__always)
    func push(_ end: inout UnsafeMutableRawPointer) {
        let destination = unsafe end
        // The array has 37 bytes and no padding.
        unsafe line.span.withUnsafeBytes { unsafe _ = memcpy(destination, $0.baseAddress!, Self.byteCount) }
        unsafe end += Self.byteCount
    }
}
