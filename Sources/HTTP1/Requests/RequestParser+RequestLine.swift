import HTTPCore

/// The request line, RFC 9112 section 3: method SP request-target SP HTTP-version CR LF, with single spaces.
extension RequestParser {
    /// The number of empty lines that are skipped before a request line. RFC 9112 section 2.2 asks for at least one.
    static var maximumEmptyLineCount: Int { 2 }

    mutating func parseRequestLine(_ input: Span<UInt8>) throws(Halt) {
        if step == .emptyLines { try skipEmptyLines(input) }
        if step == .method { try parseMethod(input) }
        if step == .targetStart { try startTarget(input) }
        if step == .path { try parsePath(input) }
        if step == .query { try parseQuery(input) }
        if step == .otherTarget { try parseOtherTarget(input) }
        try parseVersion(input)
    }

    /// RFC 9112 section 2.2: a server should ignore empty lines before the request line.
    private mutating func skipEmptyLines(_ input: Span<UInt8>) throws(Halt) {
        while true {
            guard cursor < input.count else { throw .needsMore }
            let byte = input[cursor]
            if byte == ASCII.lineFeed { throw .rejected(.lineFeedBare) }
            if byte != ASCII.carriageReturn { break }
            if cursor >= 2 * Self.maximumEmptyLineCount { throw .rejected(.tooManyEmptyLines) }
            guard cursor + 1 < input.count else { throw .needsMore }
            if input[cursor + 1] != ASCII.lineFeed { throw .rejected(.carriageReturnBare) }
            cursor += 2
        }
        step = .method
        mark = cursor
    }

    /// RFC 9110 section 9.1: methods are case-sensitive tokens. RFC 9112 section 3 suggests 501 for one that is too
    /// long: at the end of the line.
    private mutating func parseMethod(_ input: Span<UInt8>) throws(Halt) {
        cursor = input.endOfPlain(from: cursor, to: input.count)
        if cursor == input.count || input[cursor] != ASCII.space {
            cursor = input.endOfRun(of: .token, from: cursor, to: input.count)
        }
        guard cursor < input.count else { throw .needsMore }
        guard input[cursor] == ASCII.space, cursor > mark else { throw .rejected(.methodMalformed) }
        facts.isMethodUnknown = cursor - mark > Method.maximumByteCount
        // Whether there is a route for any other method is the application's business.
        head.method = MethodNumber(input, from: mark, to: cursor) ?? .other
        cursor += 1
        step = .targetStart
    }

    /// RFC 9112 section 2.3: the version is case-sensitive, one digit each side of the dot. Compared byte by byte, so
    /// that the first wrong byte is refused even if nothing follows it.
    private mutating func parseVersion(_ input: Span<UInt8>) throws(Halt) {
        let pattern: StaticString = "HTTP/0.0\r\n"
        for index in 0..<pattern.utf8CodeUnitCount {
            guard cursor + index < input.count else { throw .needsMore }
            let byte = input[cursor + index]
            // In bounds: `index` is below the literal's length.
            let expected = unsafe pattern.utf8Start[index]
            let matches = expected == UInt8(ascii: "0") ? ASCII.isDigit(byte) : byte == expected
            if matches { continue }
            if byte == ASCII.lineFeed { throw .rejected(.lineFeedBare) }
            throw .rejected(index == 9 ? .carriageReturnBare : .versionMalformed)
        }
        guard input[cursor + 5] == UInt8(ascii: "1") else { throw .rejected(.versionNotSupported) }
        // Refused at the end of the line, since an unsupported version takes precedence (RFC 9110 section 15.6.6).
        guard !facts.isMethodUnknown else { throw .rejected(.methodUnknown) }
        // RFC 9110 section 2.5: a minor version above what is known is served as the highest known.
        head.version = input[cursor + 7] == UInt8(ascii: "0") ? .http10 : .http11
        cursor += 10
        step = .fieldLine
    }
}
