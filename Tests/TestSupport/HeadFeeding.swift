package import HTTP1
package import HTTPCore

/// The bytes of a text in which each character represents one byte: U+0000 to U+00FF.
package func latin1(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8($0.value) }
}

/// Calls `body` with a span over `bytes`.
package func withSpan<Result>(of bytes: [UInt8], _ body: (RawSpan) -> Result) -> Result {
    // The array lives for the call, and so does the span.
    unsafe bytes.withUnsafeBytes { unsafe body(RawSpan(_unsafeBytes: $0)) }
}

extension ByteBuffer {
    /// A copy of the contents as text, one character a byte.
    package var text: String {
        withBytes { bytes in
            // The bytes are initialized and live for the call.
            let array = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
            return String(String.UnicodeScalarView(array.map { Unicode.Scalar($0) }))
        }
    }
}

/// The result of parsing a head, with text instead of ranges, so that two can be compared and read.
package struct HeadSummary: Equatable {
    package var result: ParseResult
    package var method = Method.get
    package var form = TargetForm.origin
    package var minorVersion: UInt8 = 1
    package var keepsAlive = true
    package var expectsContinue = false
    package var pathIsEncoded = false
    package var target = ""
    package var path = ""
    package var query = ""
    package var host = ""
    package var framing = BodyFraming.none
    package var fields: [String] = []
    package var byteCount = 0

    package init(rejected rejection: Rejection) { result = .rejected(rejection) }

    /// The valid part of the head after `result`: all of it after `.complete`, otherwise nothing.
    package init(_ result: ParseResult, _ parser: borrowing RequestParser, _ bytes: [UInt8]) {
        let head = parser.head
        self.result = result
        guard result == .complete else { return }
        let text = { (range: ByteRange) in String(decoding: bytes[range.lowerBound..<range.upperBound], as: UTF8.self) }
        method = withSpan(of: bytes) { head.method(in: $0) }
        form = head.form
        minorVersion = head.version == .http10 ? 0 : 1
        keepsAlive = parser.keepsAlive
        expectsContinue = parser.expectsContinue
        pathIsEncoded = head.pathIsEncoded
        target = text(head.target)
        path = text(head.path)
        query = text(head.query)
        host = text(head.host)
        framing = parser.framing
        fields = head.fields.map { "\(text($0.name))|\(text($0.value))" }
        byteCount = head.byteCount
    }
}

/// Ways to feed a parser.
package enum Feeding {
    package static func inOnePiece(_ bytes: [UInt8], limits: HeadLimits = .init()) -> HeadSummary {
        inPieces(bytes, endingAt: [bytes.count], limits: limits)
    }

    /// Calls the parser with all bytes up to each of `ends`, until it has decided.
    package static func inPieces(_ bytes: [UInt8], endingAt ends: [Int], limits: HeadLimits = .init()) -> HeadSummary {
        var parser = RequestParser(limits: limits)
        return inPieces(bytes, endingAt: ends, &parser)
    }

    package static func inPieces(_ bytes: [UInt8], endingAt ends: [Int], _ parser: inout RequestParser) -> HeadSummary {
        var result = ParseResult.needsMore
        for end in ends where result == .needsMore {
            result = withSpan(of: Array(bytes[..<end])) { parser.parse($0) }
        }
        return HeadSummary(result, parser, bytes)
    }

    /// All cuts into two, then single bytes: those whose result differs from that of one piece.
    package static func disagreements(_ bytes: [UInt8], limits: HeadLimits = .init()) -> [String] {
        let whole = inOnePiece(bytes, limits: limits)
        var found: [String] = []
        var parser = RequestParser(limits: limits)
        for cut in 0...bytes.count {
            parser.reset()
            let parts = inPieces(bytes, endingAt: [cut, bytes.count], &parser)
            if parts != whole { found.append("cut at \(cut): \(parts.result)") }
        }
        let single = inPieces(bytes, endingAt: Array(0...bytes.count), limits: limits)
        if single != whole { found.append("byte by byte: \(single.result)") }
        return found
    }
}
