/// Turns errors that handlers and middlewares throw into answers of the application's choice.
///
/// ```swift
/// router.use(ErrorMapping { error in error is NotInStock ? .text("sold out", status: .conflict) : nil })
/// ```
///
/// It holds for errors that are thrown within it, by the handler or by another middleware, whatever comes in between;
/// not for what a middleware around it throws. Of several the innermost is asked first.
public struct ErrorMapping: Middleware {
    private let map: @Sendable (any Error) -> Response?

    /// Creates the middleware.
    ///
    /// - Parameter map: returns the answer to an error, or nil to leave it to the next one further out, and in the end
    ///   to the server: an `HTTPError` gives the answer that it names, and anything else a 500 and a line in
    ///   `ServerConfiguration.log`. Runs on the handler's thread.
    public init(_ map: @escaping @Sendable (_ error: any Error) -> Response?) { self.map = map }

    /// Maps the errors of inline and blocking handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) throws -> Response
    ) throws -> Response {
        let outer = enter(&context)
        // Whatever is thrown outside is none of this one's business.
        defer { context.errorMapping = outer }
        do {
            return try next(request, &context)
        } catch {
            // No middleware in between has made a response of it.
            if let response = map(error) { return response }
            throw error
        }
    }

    /// Maps the errors of async handlers.
    public func handle(
        _ request: borrowing Request, context: inout RequestContext,
        next: (borrowing Request, inout RequestContext) async throws -> Response
    ) async throws -> Response {
        let outer = enter(&context)
        defer { context.errorMapping = outer }
        do {
            return try await next(request, &context)
        } catch {
            if let response = map(error) { return response }
            throw error
        }
    }

    /// Has the middlewares within this one make responses of errors as it says. Returns what was said before.
    private func enter(_ context: inout RequestContext) -> (@Sendable (any Error) -> Response?)? {
        let outer = context.errorMapping
        if let outer {
            context.errorMapping = { [map] error in map(error) ?? outer(error) }
        } else {
            context.errorMapping = map
        }
        return outer
    }
}
