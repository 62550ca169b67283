public import HTTPCore

/// An encoder for the response to one request in HTTP/1.1 (RFC 9112). Its output is always one well-formed response,
/// whatever the handler provides.
public struct ResponseEncoder: Sendable {
    /// Whether the request was HEAD: the head of the response is sent without its body.
    public let isHead: Bool
    /// The minor version of the request: an HTTP/1.0 client needs `Connection: keep-alive`.
    package let minorVersion: UInt8
    /// Whether the request and the server allow the connection to persist after this response.
    let mayKeepAlive: Bool
    /// The rest of the request's body, which the response leaves unread.
    public var remainingBody: RemainingBody

    public init(isHead: Bool, minorVersion: UInt8, keepsAlive: Bool, remainingBody: RemainingBody = .short) {
        self.isHead = isHead
        self.minorVersion = minorVersion
        mayKeepAlive = keepsAlive
        self.remainingBody = remainingBody
    }

    /// The result of encoding a response.
    public struct Encoded: Sendable {
        /// Whether the connection persists after it.
        public let keepsAlive: Bool
        /// It had a field that must not be sent, and was replaced by a 500.
        public var isReplaced = false

        public init(keepsAlive: Bool) { self.keepsAlive = keepsAlive }
    }

    /// The result of encoding a head whose body is streamed.
    public struct Begun: Sendable {
        public let head: Encoded
        /// Encodes the body; nil if none follows.
        public let body: BodyEncoder?
    }

    /// Whether the connection persists after a complete response, unless the handler closes it.
    package var keepsAlive: Bool { mayKeepAlive && remainingBody == .short }

    /// Appends head and body.
    public func encode(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Encoded {
        let encoded = encode(head, content, date: date, into: &output.last)
        if case .bytes(let bytes) = content, bytes.count >= OutputQueue.sharedByteCount, !encoded.isReplaced,
            !isHead, !head.status.hasNoBody
        {
            output.append(shared: bytes)
        }
        return encoded
    }

    /// Appends the head, and a body that is small enough to be copied.
    @inline(__always)
    private func encode(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> Encoded {
        guard head.fields.isEmpty else { return encodeWithFields(head, content, date: date, into: &output) }
        let contentType: StaticString?
        switch head.contentType?.storage {
        case .literal(let literal): contentType = literal
        case nil: contentType = nil
        case .text: return encodeWithFields(head, content, date: date, into: &output)
        }
        appendHead(
            head.status, contentType: contentType, contentLength: contentLength(head.status, content),
            keepsAlive: keepsAlive, isComplete: true, date, &output)
        append(content, head.status, &output)
        return Encoded(keepsAlive: keepsAlive)
    }

    /// The slower path, for a response with fields of the handler.
    private func encodeWithFields(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> Encoded {
        let start = output.count
        let goesOn = keepsAlive && !asksToClose(head.fields)
        var length = contentLength(head.status, content)
        // The handler's own length, if its response to HEAD has no body to count (RFC 9110 section 8.6).
        if isHead, length == 0 { length = head.fields.declaredContentLength ?? 0 }
        appendHead(
            head.status, contentType: nil, contentLength: length, keepsAlive: goesOn, isComplete: false, date, &output)
        guard appendFields(of: head, &output) else { return replace(from: start, date: date, &output) }
        output.appendHeadEnd()
        append(content, head.status, &output)
        return Encoded(keepsAlive: goesOn)
    }

    /// Appends the head of a response whose body is streamed, and chooses its framing: Content-Length if the length is
    /// known, else chunked, else, in HTTP/1.0, the end of the connection (RFC 9112 section 6.3).
    ///
    /// - Parameters:
    ///   - contentLength: the length of the body, if known; not negative.
    ///   - trailerNames: the names of the fields that may follow the body.
    public func begin(
        _ head: borrowing ResponseHead, contentLength: Int?, trailerNames: [String], date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> Begun {
        let hasNoBody = head.status.hasNoBody
        let isChunked = contentLength == nil && minorVersion > 0 && !hasNoBody
        let hasBody = !hasNoBody && !isHead
        let endsWithClose = contentLength == nil && minorVersion == 0 && hasBody
        // The handler may still read the body while it writes; the rest is determined at the end.
        let keepsAlive = mayKeepAlive && (remainingBody == .short || remainingBody == .long && hasBody)
        let goesOn = keepsAlive && !asksToClose(head.fields) && !endsWithClose
        let start = output.count
        appendHead(
            head.status, contentType: nil, contentLength: hasNoBody ? nil : contentLength, keepsAlive: goesOn,
            isComplete: false, date, &output)
        var isValid = appendFields(of: head, &output)
        if isChunked {
            output.appendField("Transfer-Encoding", "chunked")
            isValid = appendTrailerField(trailerNames, &output) && isValid
        }
        guard isValid else { return Begun(head: replace(from: start, date: date, &output), body: nil) }
        output.appendHeadEnd()
        let body = hasBody ? BodyEncoder(isChunked: isChunked, trailerNames: trailerNames) : nil
        return Begun(head: Encoded(keepsAlive: goesOn), body: body)
    }

    /// Appends a response, usually a 500, instead of one that can't be sent.
    public func encodeFailure(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Encoded {
        var encoded = encode(head, content, date: date, into: &output)
        encoded.isReplaced = true
        return encoded
    }

    /// Removes the 500 that `encode` has just appended, with the same date, instead of a response that can't be sent.
    public func removeFailure(date: borrowing DateField, from output: inout OutputQueue) {
        // Its size depends on nothing else.
        var failure = ByteBuffer()
        _ = replace(from: 0, date: date, &failure)
        output.last.truncate(to: output.last.count - failure.count)
    }
}

// MARK: - Parts

extension ResponseEncoder {
    /// Replaces what was appended from `start` on, none of which was sent, by an error, because of a field that could
    /// split the response.
    private func replace(from start: Int, date: borrowing DateField, _ output: inout ByteBuffer) -> Encoded {
        output.truncate(to: start)
        appendHead(
            .internalServerError, contentType: nil, contentLength: 0, keepsAlive: keepsAlive, isComplete: true, date,
            &output)
        var encoded = Encoded(keepsAlive: keepsAlive)
        encoded.isReplaced = true
        return encoded
    }

    /// Appends the handler's fields. Returns whether all of them are valid.
    private func appendFields(of head: borrowing ResponseHead, _ output: inout ByteBuffer) -> Bool {
        var isValid = true
        if let contentType = head.contentType, head.fields["Content-Type"] == nil {
            switch contentType.storage {
            case .literal(let literal): output.appendField("Content-Type", literal)
            case .text(let text): isValid = output.appendField(name: "Content-Type", value: text)
            }
        }
        // By index, since each field that leaves the array is retained.
        let fields = head.fields.fields.span
        for index in fields.indices where !isProtocolsOwn(fields[index].name) {
            isValid = output.appendField(name: fields[index].name, value: fields[index].value) && isValid
        }
        return isValid
    }

    /// Announces the trailers (RFC 9110 section 6.6.2). Returns whether all of them may be trailers.
    private func appendTrailerField(_ names: [String], _ output: inout ByteBuffer) -> Bool {
        guard !names.isEmpty else { return true }
        guard names.allSatisfy(FieldSyntax.isTrailerName) else { return false }
        return output.appendField(name: "Trailer", value: names.joined(separator: ", "))
    }

    /// 204 must not have Content-Length (RFC 9110 section 8.6); for 304 it would be that of the response to a GET,
    /// which is unknown here.
    @inline(__always)
    private func contentLength(_ status: Status, _ content: ResponseContent) -> Int? {
        status.hasNoBody ? nil : content.byteCount
    }

    private func appendHead(
        _ status: Status, contentType: StaticString?, contentLength: Int?, keepsAlive: Bool, isComplete: Bool,
        _ date: borrowing DateField, _ output: inout ByteBuffer
    ) {
        let connection: ConnectionDirective =
            keepsAlive ? (minorVersion == 0 ? .http10KeepAlive : .keepAlive) : .close
        output.appendHead(
            status: status.code, date: date, contentType: contentType, contentLength: contentLength,
            connection: connection, isComplete: isComplete)
    }

    @inline(__always)
    private func append(_ content: ResponseContent, _ status: Status, _ output: inout ByteBuffer) {
        guard !isHead, !status.hasNoBody else { return }
        switch content {
        case .empty: break
        case .text(let text): output.append(utf8: text)
        case .bytes(let bytes) where bytes.count >= OutputQueue.sharedByteCount: break
        case .bytes(let bytes): unsafe bytes.withUnsafeBytes { unsafe output.append($0) }
        }
    }

    private func asksToClose(_ fields: HeaderFields) -> Bool {
        fields["Connection"].map { isSameName($0, "close") } ?? false
    }

    /// Whether a field frames the response or concerns the connection, which only the protocol decides.
    private func isProtocolsOwn(_ name: String) -> Bool {
        // By length first: few others are as long.
        switch name.utf8.count {
        case 4: isSameName(name, "Date")
        case 7: isSameName(name, "Trailer")
        case 10: isSameName(name, "Connection") || isSameName(name, "Keep-Alive")
        case 14: isSameName(name, "Content-Length")
        case 17: isSameName(name, "Transfer-Encoding")
        default: false
        }
    }
}

/// The rest of a request's body when its response begins. It decides whether another request can be read after it. The
/// cases are in the order in which a request passes through them.
public enum RemainingBody: UInt8, Sendable {
    /// The client waits for 100 Continue. Whether it sends the body after the response is unknown, and what follows
    /// would be ambiguous (RFC 9110 section 10.1.1), so the connection closes after the response.
    case unrequested
    /// Longer than what is discarded to keep the connection: the connection closes after a complete response.
    case long
    /// Nothing, or short enough to be discarded. A chunked body, whose length is unknown, is assumed to be short.
    case short
}
