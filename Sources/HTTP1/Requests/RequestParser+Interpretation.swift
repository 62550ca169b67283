import HTTPCore

/// The fields that decide framing, routing and persistence, interpreted as they are parsed.
extension RequestParser {
    /// Compares lengths first, so that a name that does not matter costs one or two comparisons.
    @inline(__always)
    mutating func interpret(_ field: FieldRange, _ input: Span<UInt8>) throws(Halt) {
        let first = input[field.name.lowerBound] | 0x20
        switch (field.name.count, first) {
        case (4, UInt8(ascii: "h")): try interpretHost(field, input)
        case (6, UInt8(ascii: "e")): try interpretExpect(field, input)
        case (10, UInt8(ascii: "c")): interpretConnection(field, input)
        case (14, UInt8(ascii: "c")): try interpretContentLength(field, input)
        case (17, UInt8(ascii: "t")): try interpretTransferEncoding(field, input)
        default: break
        }
    }

    /// RFC 9112 section 3.2: exactly one Host, and a valid one; empty only where the limits allow it.
    @inline(never)
    private mutating func interpretHost(_ field: FieldRange, _ input: Span<UInt8>) throws(Halt) {
        let (start, end) = (field.value.lowerBound, field.value.upperBound)
        guard input.equalsIgnoringCase("host", in: field.name) else { return }
        guard !facts.hasHost else { throw .rejected(.hostRepeated) }
        let isValid =
            input.isPlainHost(from: start, to: end)
            || (start == end
                ? limits.allowsEmptyHost : Authority.isValid(input, from: start, to: end, requiring: .host))
        guard isValid else { throw .rejected(start == end ? .hostEmpty : .hostMalformed) }
        facts.hasHost = true
        facts.host = field.value
    }

    /// RFC 9110 section 10.1.1: there is one expectation; in HTTP/1.0 the field is ignored.
    @inline(never)
    private mutating func interpretExpect(_ field: FieldRange, _ input: Span<UInt8>) throws(Halt) {
        guard head.version != .http10, input.equalsIgnoringCase("expect", in: field.name) else { return }
        // A list may be empty (RFC 9110 section 5.6.1); then nothing is expected.
        if field.value.isEmpty { return }
        guard input.equalsIgnoringCase("100-continue", in: field.value) else { throw .rejected(.expectationUnknown) }
        expectsContinue = true
    }

    /// RFC 9110 section 7.6.1: a list of options, of which two concern this connection.
    @inline(never)
    private mutating func interpretConnection(_ field: FieldRange, _ input: Span<UInt8>) {
        guard input.equalsIgnoringCase("connection", in: field.name) else { return }
        if input.equalsIgnoringCase("keep-alive", in: field.value) {
            facts.keepsAlive = true
        } else if input.equalsIgnoringCase("close", in: field.value) {
            facts.closes = true
        } else {
            interpretConnectionList(field, input)
        }
    }

    private mutating func interpretConnectionList(_ field: FieldRange, _ input: Span<UInt8>) {
        var start = field.value.lowerBound
        let end = field.value.upperBound
        while start < end {
            var comma = start
            while comma < end, input[comma] != UInt8(ascii: ",") { comma += 1 }
            let option = input.trimmed(from: start, to: comma)
            if input.equalsIgnoringCase("close", in: option) { facts.closes = true }
            if input.equalsIgnoringCase("keep-alive", in: option) { facts.keepsAlive = true }
            start = comma + 1
        }
    }

    /// RFC 9112 section 6.3: digits only and once. RFC 9110 section 8.6 allows a list of equal values to be refused.
    ///
    /// A number that does not fit is malformed rather than too large: no honest client sends it, and a recipient
    /// that wraps or truncates would delimit the body elsewhere.
    @inline(never)
    private mutating func interpretContentLength(_ field: FieldRange, _ input: Span<UInt8>) throws(Halt) {
        let name = field.name
        guard input.equalsIgnoringCase("content", from: name.lowerBound, to: name.lowerBound + 7),
            input.equalsIgnoringCase("length", from: name.lowerBound + 8, to: name.upperBound)
        else { return }
        guard input[name.lowerBound + 7] == UInt8(ascii: "-") else { throw .rejected(.framingFieldLookalike) }
        guard !facts.hasContentLength else { throw .rejected(.contentLengthRepeated) }
        guard !field.value.isEmpty else { throw .rejected(.contentLengthMalformed) }
        var length = 0
        for index in field.value.lowerBound..<field.value.upperBound {
            let digit = input[index] &- UInt8(ascii: "0")
            let (product, overflows) = length.multipliedReportingOverflow(by: 10)
            let (sum, carries) = product.addingReportingOverflow(Int(digit))
            guard digit < 10, !overflows, !carries else { throw .rejected(.contentLengthMalformed) }
            length = sum
        }
        facts.hasContentLength = true
        facts.contentLength = length
    }

    /// RFC 9112 section 6.1: only `chunked`, only once, only in HTTP/1.1.
    @inline(never)
    private mutating func interpretTransferEncoding(_ field: FieldRange, _ input: Span<UInt8>) throws(Halt) {
        let name = field.name
        guard input.equalsIgnoringCase("transfer", from: name.lowerBound, to: name.lowerBound + 8),
            input.equalsIgnoringCase("encoding", from: name.lowerBound + 9, to: name.upperBound)
        else { return }
        guard input[name.lowerBound + 8] == UInt8(ascii: "-") else { throw .rejected(.framingFieldLookalike) }
        guard head.version != .http10 else { throw .rejected(.transferEncodingInHTTP10) }
        guard !facts.isChunked else { throw .rejected(.transferEncodingRepeated) }
        if input.equalsIgnoringCase("chunked", in: field.value) {
            facts.isChunked = true
            return
        }
        throw .rejected(TransferCodings.rejection(input, field.value))
    }

    /// Checks the head as a whole, after its last line.
    @inline(__always)
    mutating func finish() throws(Halt) {
        guard facts.hasHost || head.version == .http10 else { throw .rejected(.hostMissing) }
        if facts.isChunked {
            // RFC 9112 section 6.3: this is an attempt at request smuggling, or the sender is broken.
            guard !facts.hasContentLength else { throw .rejected(.transferEncodingWithContentLength) }
            framing = .chunked
        } else if facts.contentLength > 0 {
            framing = .length(facts.contentLength)
        } else {
            framing = .none
        }
        // RFC 9112 section 3.2.2: the host of an absolute target takes precedence.
        if head.form == .origin || head.form == .asterisk { head.host = facts.host }
        // RFC 9112 section 9.3: persistent by default from 1.1 on, on request in 1.0.
        keepsAlive = !facts.closes && (head.version != .http10 || facts.keepsAlive)
        head.byteCount = cursor
        step = .complete
    }
}

/// Ranges within a head.
extension Span where Element == UInt8 {
    @inline(__always)
    func equalsIgnoringCase(_ literal: StaticString, in range: ByteRange) -> Bool {
        equalsIgnoringCase(literal, from: range.lowerBound, to: range.upperBound)
    }

    /// `start..<end` without white space at either end.
    func trimmed(from start: Int, to end: Int) -> ByteRange {
        var (start, end) = (start, end)
        while start < end, ASCII.isWhitespace(self[start]) { start += 1 }
        while end > start, ASCII.isWhitespace(self[end - 1]) { end -= 1 }
        return ByteRange(start: start, end: end)
    }
}
