import HyperServe

/// Allows a number of requests for each key; further requests get 429.
struct KeyQuota: RequestFilter {
    let limit: Int
    let quotas: Quotas

    func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let key = request.headers["X-API-Key"] else { throw HTTPError(.unauthorized, "an API key is needed") }
        if quotas.take(key, limit: limit) { return nil }
        return Response(
            status: .tooManyRequests, contentType: .plainText, headers: ["Retry-After": "60"],
            body: .text("the quota is used up\n"))
    }
}
