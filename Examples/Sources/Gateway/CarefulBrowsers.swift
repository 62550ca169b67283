import HyperServe

/// Adds header fields that make browsers stricter.
struct CarefulBrowsers: ResponseFilter {
    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
    }
}
