import HTTP1
import HTTPCore
import Reactor

/// Turns a `Response` into bytes, and sees to it that they are one well-formed answer whatever the handler put in it.
struct ResponseEncoder {
    /// Whether the request was HEAD: the head of the answer is sent without its body.
    let isHead: Bool
    /// The minor version of the request: an HTTP/1.0 client must be told that the connection stays.
    let minorVersion: UInt8
    /// Whether the connection may go on after this answer, as far as the request and the server decide.
    let mayKeepAlive: Bool
    /// What the answer leaves of the request's body.
    var bodyRest: BodyRest

    init(isHead: Bool, minorVersion: UInt8, keepsAlive: Bool, bodyRest: BodyRest = .short) {
        self.isHead = isHead
        self.minorVersion = minorVersion
        mayKeepAlive = keepsAlive
        self.bodyRest = bodyRest
    }

    /// Whether the connection goes on after an answer that is complete, if the handler does not object.
    private var keepsAlive: Bool { mayKeepAlive && bodyRest == .short }

    /// Appends head and body.
    func encode(_ response: Response, date: borrowing DateField, into output: inout OutputQueue) -> EncodedResponse {
        let encoded = encode(response, date: date, into: &output.last)
        if case .bytes(let bytes) = response.body, bytes.count >= OutputQueue.sharedByteCount, !encoded.isReplaced,
            hasBody(response)
        {
            output.append(shared: bytes)
        }
        return encoded
    }

    /// Appends the head, and a body that is not better shared.
    @inline(__always)
    private func encode(
        _ response: Response, date: borrowing DateField, into output: inout ByteBuffer
    ) -> EncodedResponse {
        guard response.headers.isEmpty else { return encodeWithFields(response, date: date, into: &output) }
        let contentType: StaticString?
        switch response.contentType?.storage {
        case .literal(let literal): contentType = literal
        case nil: contentType = nil
        case .text: return encodeWithFields(response, date: date, into: &output)
        }
        appendHead(
            response, contentType: contentType, contentLength: contentLength(of: response), keepsAlive: keepsAlive,
            isComplete: true, date, &output)
        appendBody(response, &output)
        return EncodedResponse(keepsAlive: keepsAlive)
    }

    /// The longer way, for an answer with fields of the handler's.
    private func encodeWithFields(
        _ response: Response, date: borrowing DateField, into output: inout ByteBuffer
    ) -> EncodedResponse {
        let start = output.count
        let goesOn = keepsAlive && !asksToClose(response.headers)
        appendHead(
            response, contentType: nil,
            contentLength: isHead ? contentLengthOfHead(response) : contentLength(of: response), keepsAlive: goesOn,
            isComplete: false, date, &output)
        guard appendFields(of: response, &output) else { return replace(from: start, date: date, &output) }
        output.appendHeadEnd()
        appendBody(response, &output)
        return EncodedResponse(keepsAlive: goesOn)
    }

    /// What the handler says, if its response to HEAD has no body from which it could be told (RFC 9110 section 8.6).
    @inline(never)
    private func contentLengthOfHead(_ response: Response) -> Int? {
        let length = contentLength(of: response)
        return length == 0 ? response.headers.declaredContentLength ?? 0 : length
    }

    /// Puts an error in place of what was appended from `start` on, of which nothing has left, and which has a field
    /// that could split the response.
    func replace(from start: Int, date: borrowing DateField, _ output: inout ByteBuffer) -> EncodedResponse {
        output.truncate(to: start)
        var encoded = encode(Response.status(.internalServerError), date: date, into: &output)
        encoded.isReplaced = true
        return encoded
    }

    /// What the client gets, for those who asked.
    func sent(_ response: Response, _ written: WrittenResponse) -> SentResponse {
        if let status = written.replacement { return SentResponse(replacedBy: status) }
        if written.isReplaced { return SentResponse(status: Status.internalServerError.code, bodyByteCount: 0) }
        let byteCount = hasBody(response) ? written.streamedByteCount ?? response.body.byteCount : 0
        return SentResponse(status: response.status.code, bodyByteCount: byteCount)
    }

    /// Appends the handler's fields. Returns whether all of them are valid.
    func appendFields(of response: Response, _ output: inout ByteBuffer) -> Bool {
        var isValid = true
        if let contentType = response.contentType, response.headers["Content-Type"] == nil {
            switch contentType.storage {
            case .literal(let literal): output.appendField("Content-Type", literal)
            case .text(let text): isValid = output.appendField(name: "Content-Type", value: text)
            }
        }
        // Where they are: each field that leaves the array is retained.
        let fields = response.headers.fields.span
        for index in fields.indices where !isServersOwn(fields[index].name) {
            isValid = output.appendField(name: fields[index].name, value: fields[index].value) && isValid
        }
        return isValid
    }

    /// 204 must not have Content-Length (RFC 9110 section 8.6); for 304 it would be that of the response to a GET,
    /// which is not known here.
    @inline(__always)
    func contentLength(of response: Response) -> Int? {
        response.status.hasNoBody ? nil : response.body.byteCount
    }

    func appendHead(
        _ response: Response, contentType: StaticString?, contentLength: Int?, keepsAlive: Bool, isComplete: Bool,
        _ date: borrowing DateField, _ output: inout ByteBuffer
    ) {
        let connection: ConnectionDirective =
            keepsAlive ? (minorVersion == 0 ? .http10KeepAlive : .keepAlive) : .close
        output.appendHead(
            status: response.status.code, date: date, contentType: contentType, contentLength: contentLength,
            connection: connection, isComplete: isComplete)
    }

    private func hasBody(_ response: Response) -> Bool { !isHead && !response.status.hasNoBody }

    private func appendBody(_ response: Response, _ output: inout ByteBuffer) {
        guard hasBody(response) else { return }
        switch response.body {
        case .empty: break
        case .text(let text): output.append(utf8: text)
        case .stream: preconditionFailure("a streamed answer is begun with `beginStream`")
        case .bytes(let bytes) where bytes.count >= OutputQueue.sharedByteCount: break
        case .bytes(let bytes): unsafe bytes.withUnsafeBytes { unsafe output.append($0) }
        }
    }

    func asksToClose(_ headers: HeaderFields) -> Bool {
        headers["Connection"].map { isSameName($0, "close") } ?? false
    }

    /// Fields that say how the answer is framed, or what becomes of the connection. Only the server can know.
    private func isServersOwn(_ name: String) -> Bool {
        // Told by their length first: few others are as long.
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

/// What became of a response when it was encoded.
struct EncodedResponse {
    /// Whether the connection goes on after it.
    let keepsAlive: Bool
    /// It had a field that must not be sent, and is a 500 now.
    var isReplaced = false
}

/// What became of a response when all of it was written.
struct WrittenResponse {
    /// As in `EncodedResponse`.
    let isReplaced: Bool
    /// The status of what the client gets in its place, if it does; see `Exchange.takeReplacement`.
    var replacement: UInt16?
    /// Bytes of a body that was streamed.
    var streamedByteCount: Int?
}

extension Response.Body {
    /// Whether it is known to have no bytes.
    var isEmpty: Bool { byteCount == 0 }

    /// Bytes; nil if that is known only at the end.
    var byteCount: Int? {
        switch self {
        case .empty: 0
        case .stream(let stream): stream.contentLength
        case .text(let text): text.utf8.count
        case .bytes(let bytes): bytes.count
        }
    }
}
