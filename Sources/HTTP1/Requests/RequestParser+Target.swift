import HTTPCore

/// The request target, RFC 9112 section 3.2, in its four forms.
///
/// The visible ASCII bytes are allowed except `"` `#` `<` `>`, and `\` in the query only. RFC 3986 also excludes `^`,
/// the backtick, braces and the bar, but browsers send them unencoded (the query percent-encode set of the WHATWG URL
/// standard), and no recipient takes them for anything else. A backslash in a path would be a slash to some recipients;
/// browsers send a slash instead.
///
/// A method that is not standard may have targets of a form of its own: then only their bytes are checked, and the
/// request is refused with 501, as no route can have it.
extension RequestParser {
    mutating func startTarget(_ input: Span<UInt8>) throws(Halt) {
        guard cursor < input.count else { throw .needsMore }
        mark = cursor
        head.target = ByteRange(start: cursor, end: cursor)
        let isOrigin = input[cursor] == UInt8(ascii: "/")
        guard isOrigin else {
            step = .otherTarget
            return
        }
        guard head.method != .connect else { throw .rejected(.targetFormNotAllowed) }
        step = .path
    }

    /// RFC 9112 section 3.2.1: origin-form is an absolute path with an optional query.
    mutating func parsePath(_ input: Span<UInt8>) throws(Halt) {
        let bound = targetBound(input)
        while true {
            cursor = input.endOfPath(from: cursor, to: bound)
            guard cursor < bound else { throw haltAtBound(bound) }
            switch input[cursor] {
            case ASCII.space:
                head.path = ByteRange(start: mark, end: cursor)
                return endTarget()
            case UInt8(ascii: "?"):
                head.path = ByteRange(start: mark, end: cursor)
                cursor += 1
                mark = cursor
                step = .query
                return
            case UInt8(ascii: "%"):
                try checkPercentEncoding(input, at: cursor, bound: bound)
                head.pathIsEncoded = true
                cursor += 3
            default:
                throw .rejected(.targetMalformed)
            }
        }
    }

    mutating func parseQuery(_ input: Span<UInt8>) throws(Halt) {
        let bound = targetBound(input)
        cursor = input.endOfQuery(from: cursor, to: bound)
        guard cursor < bound else { throw haltAtBound(bound) }
        guard input[cursor] == ASCII.space else { throw .rejected(.targetMalformed) }
        head.query = ByteRange(start: mark, end: cursor)
        endTarget()
    }

    /// Reads the absolute, authority and asterisk forms, which are rare: first to their end, then by their parts.
    mutating func parseOtherTarget(_ input: Span<UInt8>) throws(Halt) {
        let bound = targetBound(input)
        cursor = input.endOfQuery(from: cursor, to: bound)
        guard cursor < bound else { throw haltAtBound(bound) }
        guard input[cursor] == ASCII.space, cursor > mark else { throw .rejected(.targetMalformed) }
        if head.method == .connect {
            try takeAuthorityForm(input)
        } else if input[mark] == UInt8(ascii: "*"), cursor == mark + 1 {
            // RFC 9112 section 3.2.4: asterisk-form is only used with OPTIONS.
            if head.method == .options { head.form = .asterisk } else { try refuseForm(.targetFormNotAllowed) }
        } else {
            try takeAbsoluteForm(input)
        }
        endTarget()
    }

    /// Refuses a target that has none of the four forms, or not that of its method: at once if the method is standard,
    /// else at the end of the line.
    private mutating func refuseForm(_ rejection: Rejection) throws(Halt) {
        guard head.method == .other else { throw .rejected(rejection) }
        facts.isMethodUnknown = true
    }

    /// RFC 9112 section 3.2.3: authority-form is host and port, both required (RFC 9110 section 9.3.6).
    private mutating func takeAuthorityForm(_ input: Span<UInt8>) throws(Halt) {
        guard Authority.isValid(input, from: mark, to: cursor, requiring: .hostAndPort) else {
            throw .rejected(.targetMalformed)
        }
        head.form = .authority
        head.host = ByteRange(start: mark, end: cursor)
    }

    /// RFC 9112 section 3.2.2: absolute-form, only with the schemes for which this server can be the origin.
    private mutating func takeAbsoluteForm(_ input: Span<UInt8>) throws(Halt) {
        var position = mark
        while position < cursor, input[position] != UInt8(ascii: ":") { position += 1 }
        let isHTTP = input.equalsIgnoringCase("http", from: mark, to: position)
        guard isHTTP || input.equalsIgnoringCase("https", from: mark, to: position),
            cursor - position >= 3, input.equals("://", from: position, to: position + 3)
        else { return try refuseForm(.targetMalformed) }
        let authorityStart = position + 3
        position = authorityStart
        while position < cursor, input[position] != UInt8(ascii: "/"), input[position] != UInt8(ascii: "?") {
            position += 1
        }
        // RFC 9110 section 4.2.1: a URI with an empty host must be rejected; 4.2.4: so should user information.
        guard Authority.isValid(input, from: authorityStart, to: position, requiring: .host) else {
            throw .rejected(.hostMalformed)
        }
        head.form = .absolute
        head.host = ByteRange(start: authorityStart, end: position)
        try takePathAndQuery(input, from: position)
    }

    /// Reads the rest of an absolute-form target, from the slash or question mark after the authority to `cursor`.
    private mutating func takePathAndQuery(_ input: Span<UInt8>, from start: Int) throws(Halt) {
        var position = start
        while true {
            position = input.endOfPath(from: position, to: cursor)
            if position == cursor || input[position] == UInt8(ascii: "?") { break }
            // The whole target consists of query bytes, so only a percent sign or a backslash can stop a path here.
            guard input[position] == UInt8(ascii: "%") else { throw .rejected(.targetMalformed) }
            try checkPercentEncoding(input, at: position, bound: cursor)
            head.pathIsEncoded = true
            position += 3
        }
        head.path = ByteRange(start: start, end: position)
        if position < cursor { head.query = ByteRange(start: position + 1, end: cursor) }
    }

    /// RFC 3986 section 2.1: a percent sign is followed by two hexadecimal digits.
    private func checkPercentEncoding(_ input: Span<UInt8>, at offset: Int, bound: Int) throws(Halt) {
        for digit in offset + 1...offset + 2 {
            guard digit < bound else {
                throw bound == cursor ? .rejected(.percentEncodingMalformed) : haltAtBound(bound)
            }
            guard ByteClass.hexadecimal.contains(input[digit]) else { throw .rejected(.percentEncodingMalformed) }
        }
    }

    /// Where the search for the target's end stops: at the end of the bytes or one byte beyond the longest target.
    private func targetBound(_ input: Span<UInt8>) -> Int {
        min(input.count, head.target.lowerBound + limits.maximumTargetByteCount + 1)
    }

    private func haltAtBound(_ bound: Int) -> Halt {
        bound - head.target.lowerBound > limits.maximumTargetByteCount ? .rejected(.targetTooLong) : .needsMore
    }

    /// Consumes the space after the target.
    private mutating func endTarget() {
        head.target = ByteRange(start: head.target.lowerBound, end: cursor)
        cursor += 1
        step = .version
    }
}
