import HTTPCore

/// Evaluates the preconditions of GET and HEAD, RFC 9110 section 13: adds an ETag to the response, computed from its
/// bytes, and replaces the response by 304 if the client has the same version, or by 412 if it requires another one.
///
/// An ETag or Last-Modified that the handler has set is used unchanged. The handler runs in any case; only sending is
/// saved. A streamed response gets no computed tag, and neither does a response to HEAD without a body.
public struct ConditionalRequests: ResponseFilter {
    /// The fields about the body, which a 304 does not keep, RFC 9110 section 15.4.5.
    private static let bodyFields = [
        "Content-Type", "Content-Encoding", "Content-Language", "Content-Range", "Content-Length",
    ]
    /// The fields about the response that a 412 replaces.
    private static let replacedFields = bodyFields + ["ETag", "Last-Modified", "Cache-Control", "Expires"]

    /// Creates the middleware.
    public init() {}

    /// Adds the tag, and evaluates the preconditions.
    public func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        guard request.method == .get || request.method == .head, response.status == .ok else { return }
        // If a response to HEAD has no body, the response to GET may still have one, and another tag.
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
            // Fields of other middlewares are kept: a page of another origin must be able to read the status.
            let error = context.response(to: ErrorDescription(withoutText: .preconditionFailed), for: request)
            for name in ConditionalRequests.replacedFields { response.headers[name] = nil }
            for field in error.headers { response.headers.append(name: field.name, value: field.value) }
            response.status = error.status
            response.contentType = error.contentType
            response.body = error.body
        }
    }

    /// Returns a weak tag. It is the same for the same bytes, and another one for other bytes, unless somebody
    /// constructs a collision.
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

/// The 200 that a 304 replaces, for middlewares outside `ConditionalRequests` that change responses: the 304 must have
/// the fields that they would have given the 200.
enum UnsentResponse: ContextKey {
    static var defaultValue: Response? { nil }
}
