import HTTPCore

/// Spares clients responses that they have: gives responses to GET and HEAD an ETag, made of their bytes, and sends 304
/// when the client names it, or 412 when it insists on another, RFC 9110 section 13.
///
/// An ETag or Last-Modified that the handler has set is used as it is. The handler runs in any case: what is spared is
/// sending. Streamed responses get no tag of their own, nor does one to HEAD that has no body to make it of.
public struct ConditionalRequests: Filter {
    /// The fields that are about the body, which a 304 does not keep, RFC 9110 section 15.4.5.
    private static let bodyFields = [
        "Content-Type", "Content-Encoding", "Content-Language", "Content-Range", "Content-Length",
    ]
    /// The fields that are about the response that a 412 replaces.
    private static let replacedFields = bodyFields + ["ETag", "Last-Modified", "Cache-Control", "Expires"]

    /// Creates the middleware.
    public init() {}

    /// Adds the tag, and compares it.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        guard request.method == .get || request.method == .head, response.status == .ok else { return }
        // Where a response to HEAD has no body, the response to GET may well have one, and another tag.
        if response.headers["ETag"] == nil, request.method == .get || !response.body.isEmpty {
            response.headers["ETag"] = ConditionalRequests.tag(of: response.body)
        }
        let lastModified = response.headers["Last-Modified"].flatMap(HTTPDate.parse)
        switch request.evaluatePreconditions(entityTag: response.headers["ETag"], lastModified: lastModified) {
        case .proceed:
            return
        case .notModified:
            context[UnsentResponse.self] = response
            response.status = .notModified
            response.contentType = nil
            response.body = .empty
            for name in ConditionalRequests.bodyFields { response.headers[name] = nil }
        case .failed:
            // What other middlewares say stays: a page of another origin must be able to read the status.
            response.status = .preconditionFailed
            response.contentType = nil
            response.body = .empty
            for name in ConditionalRequests.replacedFields { response.headers[name] = nil }
        }
    }

    /// A weak tag: the same bytes have the same tag, and other bytes another one, unless somebody takes pains.
    private static func tag(of body: Response.Body) -> String? {
        switch body {
        // Bytes of an array and the UTF-8 of a String expose nothing else.
        case .text(let text): unsafe "W/\"\(hash(text.utf8.span.bytes))\""
        case .bytes(let bytes): unsafe "W/\"\(hash(bytes.span.bytes))\""
        case .empty: "W/\"0\""
        case .stream: nil
        }
    }

    /// Two hashes of 64 bits with different factors, eight bytes a step, and the length.
    private static func hash(_ bytes: RawSpan) -> String {
        var (first, second) = (0x9E37_79B9_7F4A_7C15 as UInt64, 0xC2B2_AE3D_27D4_EB4F as UInt64)
        var offset = 0
        func mix(_ word: UInt64) {
            first = (first ^ word) &* 0xFF51_AFD7_ED55_8CCD
            first ^= first >> 32
            second = (second &+ word) &* 0xC4CE_B9FE_1A85_EC53
            second ^= second >> 29
        }
        while offset + 8 <= bytes.byteCount {
            mix(bytes.load(at: offset))
            offset += 8
        }
        while offset < bytes.byteCount {
            mix(UInt64(bytes.byte(at: offset)))
            offset += 1
        }
        mix(UInt64(bytes.byteCount))
        return String(first, radix: 36) + String(second, radix: 36)
    }
}

/// The response that a 304 stands for, for middlewares that change responses outside of `ConditionalRequests`: what
/// they would have said of it they must say of the 304.
enum UnsentResponse: ContextKey {
    static var defaultValue: Response? { nil }
}
