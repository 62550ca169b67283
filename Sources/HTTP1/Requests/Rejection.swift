/// The reason why a request is refused before a handler sees it.
///
/// After a rejection, parsing of the connection must not continue: where the next request begins is unknown.
package enum Rejection: UInt8, Error, Sendable, CaseIterable {
    // The request line, RFC 9112 section 3.
    case methodMalformed, methodUnknown
    case targetMalformed, targetFormNotAllowed, targetTooLong, percentEncodingMalformed
    case versionMalformed, versionNotSupported
    // Lines and fields, RFC 9112 sections 2.2 and 5.
    case tooManyEmptyLines, carriageReturnBare, lineFeedBare, lineFolded
    case fieldNameMalformed, whitespaceBeforeColon, fieldValueMalformed
    case headTooLarge, tooManyFields
    // Routing and expectations, RFC 9112 section 3.2 and RFC 9110 section 10.1.1.
    case hostMissing, hostEmpty, hostRepeated, hostMalformed, expectationUnknown
    // Framing, RFC 9112 section 6.
    case contentLengthMalformed, contentLengthRepeated
    case transferEncodingMalformed, transferEncodingRepeated, transferEncodingUnknown
    case transferEncodingInHTTP10, transferEncodingWithContentLength
    case framingFieldLookalike
    // The chunked coding, RFC 9112 section 7.1.
    case chunkSizeMalformed, chunkSizeTooLarge, chunkEndMissing
    case chunkExtensionMalformed, chunkExtensionTooLong, chunkOverheadTooLarge
    case trailersTooLarge
    // Detected by the connection: RFC 9110 sections 15.5.14, 15.5.9 and 15.6.4.
    case bodyTooLarge, requestTimeout, handlerTimeout, tooManyConnections
}

extension Rejection {
    /// The status code of the response.
    package var status: UInt16 {
        switch self {
        case .requestTimeout: 408
        case .bodyTooLarge: 413
        case .handlerTimeout, .tooManyConnections: 503
        case .targetTooLong: 414
        case .expectationUnknown: 417
        case .headTooLarge, .tooManyFields, .trailersTooLarge: 431
        case .methodUnknown, .transferEncodingUnknown: 501
        case .versionNotSupported: 505
        default: 400
        }
    }

    /// A short sentence for logs and response bodies: plain ASCII, without anything that the client sent.
    package var reason: StaticString {
        switch self {
        case .methodMalformed: "the method is not a token"
        case .methodUnknown: "the method is not implemented"
        case .targetMalformed: "the request target is malformed"
        case .targetFormNotAllowed: "this form of request target is not allowed with this method"
        case .targetTooLong: "the request target is too long"
        case .percentEncodingMalformed: "the path contains a malformed percent-encoding"
        case .versionMalformed: "the HTTP version is malformed"
        case .versionNotSupported: "the HTTP version is not supported"
        case .tooManyEmptyLines: "too many empty lines before the request line"
        case .carriageReturnBare: "a carriage return without a line feed"
        case .lineFeedBare: "a line feed without a carriage return"
        case .lineFolded: "a line begins with white space"
        case .fieldNameMalformed: "a field name is not a token"
        case .whitespaceBeforeColon: "white space before the colon of a field line"
        case .fieldValueMalformed: "a field value contains a control character"
        case .headTooLarge: "the request head is too large"
        case .tooManyFields: "too many field lines"
        case .hostMissing: "the Host field is missing"
        case .hostEmpty: "the Host field is empty"
        case .hostRepeated: "more than one Host field"
        case .hostMalformed: "the host is malformed"
        case .expectationUnknown: "the expectation is unknown"
        default: framingReason
        }
    }

    private var framingReason: StaticString {
        switch self {
        case .contentLengthMalformed: "Content-Length is not a number that can be represented"
        case .contentLengthRepeated: "more than one Content-Length field"
        case .transferEncodingMalformed: "the final transfer coding is not chunked"
        case .transferEncodingRepeated: "more than one Transfer-Encoding field"
        case .transferEncodingUnknown: "the transfer coding is not implemented"
        case .transferEncodingInHTTP10: "Transfer-Encoding in HTTP/1.0"
        case .transferEncodingWithContentLength: "both Transfer-Encoding and Content-Length"
        case .framingFieldLookalike: "a field name that can be mistaken for a framing field"
        case .chunkSizeMalformed: "a chunk size is not a hexadecimal number"
        case .chunkSizeTooLarge: "a chunk size is too large"
        case .chunkEndMissing: "a chunk is not followed by CR LF"
        case .chunkExtensionMalformed: "a chunk extension is malformed"
        case .chunkExtensionTooLong: "the chunk extensions are too long"
        case .chunkOverheadTooLarge: "too little data for the number of chunks"
        case .trailersTooLarge: "the trailer fields are too large"
        case .bodyTooLarge: "the body is too large"
        case .requestTimeout: "the request took too long to arrive"
        case .handlerTimeout: "the response took too long"
        case .tooManyConnections: "the server has too many connections"
        default: "the request is malformed"
        }
    }
}
