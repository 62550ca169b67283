import HTTP1

// The parts of a line in the access log.
extension ByteBuffer {
    /// Appends a line of the Common Log Format, without its line feed.
    mutating func appendCommonLog(
        _ request: borrowing Request, _ context: borrowing RequestContext, _ response: Response,
        _ date: borrowing DateField
    ) {
        appendEscaped(request.peerAddress?.host ?? "-", keepsSpaces: false)
        append(" - ")
        let principal = context.principal ?? ""
        appendEscaped(principal.isEmpty ? "-" : principal, keepsSpaces: false)
        append(" [")
        // As in "Sun, 06 Nov 1994 08:49:37 GMT".
        let text = HTTPDate.text(date)
        append(utf8: String(text[5..<7]) + "/" + String(text[8..<11]) + "/" + String(text[12..<16]))
        append(utf8: ":" + String(text[17..<25]) + " +0000] ")
        appendQuoted("\(request.method) \(request.target) HTTP/1.\(request.incoming.head.minorVersion)")
        append(" ")
        append(decimal: Int(response.status.code))
        append(" ")
        if let count = response.body.byteCount { append(decimal: count) } else { append("-") }
    }

    /// Appends a JSON object, without a line feed behind it.
    mutating func appendJSONLog(
        _ request: borrowing Request, _ context: borrowing RequestContext, _ response: Response,
        _ date: borrowing DateField, _ duration: Duration
    ) {
        append("{\"time\":")
        appendJSON(string: HTTPDate.timestamp(date))
        appendMember("client", request.peerAddress?.host)
        appendMember("principal", context.principal)
        appendMember("method", request.method.description)
        appendMember("target", request.target)
        append(",\"status\":")
        append(decimal: Int(response.status.code))
        if let count = response.body.byteCount {
            append(",\"bytes\":")
            append(decimal: count)
        }
        append(",\"durationMicroseconds\":")
        append(decimal: Int(max(0, duration.nanoseconds / 1000)))
        appendMember("requestID", context.requestID)
        appendMember("route", context.routePattern)
        appendMember("referer", request.headers["Referer"])
        appendMember("userAgent", request.headers["User-Agent"])
        append("}")
    }

    /// Appends text in quotation marks, escaped.
    mutating func appendQuoted(_ text: String) {
        append("\"")
        appendEscaped(text, keepsSpaces: true)
        append("\"")
    }

    /// Appends text so that it can't end the line, nor the field that it stands in.
    private mutating func appendEscaped(_ text: String, keepsSpaces: Bool) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append("\\")
                append(byte: byte)
            case 0x21...0x7E: append(byte: byte)
            case 0x20 where keepsSpaces: append(byte: byte)
            default:
                append("\\x")
                append(byte: ByteBuffer.digit(byte >> 4))
                append(byte: ByteBuffer.digit(byte & 15))
            }
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }

    private mutating func appendMember(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        append(",\"")
        append(name)
        append("\":")
        appendJSON(string: value)
    }
}
