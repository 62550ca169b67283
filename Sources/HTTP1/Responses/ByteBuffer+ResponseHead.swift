import Glibc
package import HTTPCore

/// The common response head, written at once.
extension ByteBuffer {
    /// Appends the status line, Date, and, if given, Content-Type, Content-Length and Connection. If `isComplete` is
    /// false, the empty line at the end is omitted, so that more fields and `appendHeadEnd()` can follow.
    ///
    /// `status` has three digits and `contentLength` is not negative. The caller decides whether the response may have
    /// Content-Length (not with 1xx and 204, RFC 9110 section 8.6).
    package mutating func appendHead(
        status: UInt16,
        date: DateField,
        contentType: StaticString?,
        contentLength: Int?,
        connection: ConnectionDirective,
        isComplete: Bool = true
    ) {
        guard status == 200 else {
            appendStatusLine(status)
            return appendFields(
                after: "", date, contentType, contentLength, connection, isComplete: isComplete)
        }
        appendFields(after: "HTTP/1.1 200 OK\r\n", date, contentType, contentLength, connection, isComplete: isComplete)
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
        let byteCount =
            statusLine.utf8CodeUnitCount + (contentType?.utf8CodeUnitCount ?? 0) + Self.maximumOtherByteCount
        unsafe append(maximum: byteCount) { room in
            // In bounds: `byteCount` is the sum of all that may be written below.
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
                unsafe end += Decimal.digitCount(contentLength)
                unsafe Decimal.write(contentLength, before: end)
                unsafe Self.push("\r\n", &end)
            }
            if connection != .keepAlive { unsafe Self.push(connection.line, &end) }
            if isComplete { unsafe Self.push("\r\n", &end) }
            return unsafe end - room.baseAddress!
        }
    }

    /// The largest size of what `appendHead` writes besides status line and media type: the date, 16 bytes before the
    /// type and 2 after it, 16 before the length, its 19 digits and 2 after them, at most 24 about the connection, and
    /// the end.
    private static var maximumOtherByteCount: Int { DateField.byteCount + 16 + 2 + 16 + 19 + 2 + 24 + 2 }

    /// Copies `literal` to `end`, where the caller guarantees room for it, and advances `end`.
    @unsafe @inline(__always)
    static func push(_ literal: StaticString, _ end: inout UnsafeMutableRawPointer) {
        unsafe memcpy(end, literal.utf8Start, literal.utf8CodeUnitCount)
        unsafe end += literal.utf8CodeUnitCount
    }

    /// Copies bytes in the same way.
    @unsafe @inline(__always)
    static func push(_ bytes: RawSpan, _ end: inout UnsafeMutableRawPointer) {
        let room = unsafe UnsafeMutableRawBufferPointer(start: end, count: bytes.byteCount)
        unsafe bytes.withUnsafeBytes { unsafe room.copyMemory(from: $0) }
        unsafe end += bytes.byteCount
    }
}

extension DateField {
    /// Copies the line to `end`, where the caller guarantees room for it, and advances `end`.
    @unsafe @inline(__always)
    func push(_ end: inout UnsafeMutableRawPointer) {
        let destination = unsafe end
        // The array has 37 bytes and no padding.
        unsafe line.span.withUnsafeBytes { unsafe _ = memcpy(destination, $0.baseAddress!, Self.byteCount) }
        unsafe end += Self.byteCount
    }
}

/// The persistence of the connection after a response, RFC 9112 section 9.
package enum ConnectionDirective: Sendable, Equatable {
    /// It persists, which is the default in HTTP/1.1.
    case keepAlive
    /// It persists, which has to be stated to a client of HTTP/1.0.
    case http10KeepAlive
    /// It closes after this response.
    case close

    /// The whole field line with its CR LF, or nothing.
    @inline(__always)
    var line: StaticString {
        switch self {
        case .keepAlive: ""
        case .http10KeepAlive: "Connection: keep-alive\r\n"
        case .close: "Connection: close\r\n"
        }
    }
}
