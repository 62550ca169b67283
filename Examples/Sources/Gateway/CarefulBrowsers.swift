import HyperServe

/// Tells browsers to be careful with the answer.
struct CarefulBrowsers: Filter {
    func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "no-referrer"
    }
}
