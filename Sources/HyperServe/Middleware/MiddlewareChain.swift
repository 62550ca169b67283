/// The middlewares around a handler, the outermost first.
///
/// Each `next` is a closure that does not escape, so it is on the stack, and a chain allocates nothing.
struct MiddlewareChain: Sendable {
    let middlewares: [any Middleware]

    func run(
        _ request: borrowing Request, _ context: inout RequestContext, from index: Int = 0,
        _ handler: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        guard index < middlewares.count else { return try handler(request, &context) }
        return try middlewares[index].handle(request, context: &context) { request, context in
            try run(request, &context, from: index + 1, handler)
        }
    }

    func run(
        _ request: borrowing Request, _ context: inout RequestContext, from index: Int = 0,
        _ handler: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        guard index < middlewares.count else { return try await handler(request, &context) }
        return try await middlewares[index].handle(request, context: &context) { request, context async throws in
            try await run(request, &context, from: index + 1, handler)
        }
    }
}
