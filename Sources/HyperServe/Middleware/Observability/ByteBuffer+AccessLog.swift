import HTTPCore
import JSON
import Reactor

// The parts of a line in the access log.
extension ByteBuffer {
    /// Appends a line in the Common Log Format, without a line feed and without creating strings.
    mutating func appendCommonLog(
        _ request: borrowing Request, _ context: borrowing RequestContext, _ sent: SentResponse,
        _ date: borrowing DateField
    ) {
        if let address = request.peerAddress { address.appendHost(to: &self) } else { append("-") }
        append(" - ")
        if let principal = context.principal, !principal.isEmpty {
            // The UTF-8 of a String exposes nothing else.
            unsafe appendEscaped(principal.utf8.span.bytes, keepsSpaces: false)
        } else {
            append("-")
        }
        append(" [")
        appendLogDate(date)
        append("] \"")
        append(method: request.method)
        append(" ")
        request.withTargetBytes { appendEscaped($0, keepsSpaces: true) }
        switch request.incoming.head.version {
        case .http10: append(" HTTP/1.0\" ")
        case .http11: append(" HTTP/1.1\" ")
        }
        append(decimal: Int(sent.status))
        append(" ")
        if let count = sent.bodyByteCount { append(decimal: count) } else { append("-") }
    }

    /// Appends the value of a request field in quotation marks, or a hyphen if the field is absent.
    mutating func appendQuotedField(_ name: String, of request: borrowing Request) {
        append("\"")
        var isFirst = true
        request.headers.forEachValue(of: name) { value in
            if !isFirst { append(", ") }
            isFirst = false
            appendEscaped(value, keepsSpaces: true)
        }
        append(isFirst ? "-\"" : "\"")
    }

    /// Appends a JSON object, without a line feed.
    mutating func appendJSONLog(
        _ request: borrowing Request, _ context: borrowing RequestContext, _ sent: SentResponse,
        _ date: borrowing DateField, _ duration: Duration
    ) {
        append("{\"time\":\"")
        appendTimestamp(date)
        append("\"")
        appendMember("client", request.peerAddress?.host)
        appendMember("principal", context.principal)
        appendMember("method", request.method.name)
        appendMember("target", request.target)
        append(",\"status\":")
        append(decimal: Int(sent.status))
        if let count = sent.bodyByteCount {
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

    /// Appends bytes, escaped so that they can end neither the line nor the quoted field.
    private mutating func appendEscaped(_ text: RawSpan, keepsSpaces: Bool) {
        for offset in 0..<text.byteCount {
            let byte = text.byte(at: offset)
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
        // DEL, and the first bytes of all other characters that JSON allows and a log does not.
        if value.utf8.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xD8 || $0 == 0xE2 }) {
            appendEscapedJSON(value)
        } else {
            appendJSON(string: value)
        }
    }

    /// Appends a JSON string. Escapes everything that `LogLine` escapes, which is more than JSON requires.
    private mutating func appendEscapedJSON(_ value: String) {
        append("\"")
        for scalar in value.unicodeScalars {
            if scalar == "\"" || scalar == "\\" {
                append("\\")
                append(byte: UInt8(ascii: scalar))
            } else if LogLine.mustEscape(scalar) {
                // All of these are in the Basic Multilingual Plane.
                append("\\u")
                for shift in [12, 8, 4, 0] { append(byte: ByteBuffer.digit(UInt8(scalar.value >> UInt32(shift) & 15))) }
            } else {
                append(utf8: String(scalar))
            }
        }
        append("\"")
    }
}
