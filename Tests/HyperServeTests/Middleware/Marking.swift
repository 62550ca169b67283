import HyperServe

/// Adds its name to the response's Trace field, before the names of the middlewares inside.
struct Marking: Middleware {
    let name: String

    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        mark(try next(request, &context))
    }

    func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        mark(try await next(request, &context))
    }

    private func mark(_ response: Response) -> Response {
        var response = response
        response.headers["Trace"] = name + (response.headers["Trace"] ?? "")
        return response
    }
}
