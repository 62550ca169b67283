/// Maps errors that handlers and middlewares throw to responses of the application's choice.
///
/// ```swift
/// router.use(ErrorMapping { error in error is NotInStock ? .text("sold out", status: .conflict) : nil })
/// ```
///
/// It applies to errors that are thrown inside it, by the handler or by another middleware, but not to errors of
/// middlewares around it. Of several mappings, the innermost is called first.
///
/// What is mapped to a status from 500 is logged as an error, or as a warning if it is an `HTTPError`; the rest is
/// logged with the level `debug`. What the end of the request has caused, such as the `CancellationError` of a handler
/// whose client disconnected, is mapped too, and not logged.
public struct ErrorMapping: _MiddlewareWithFunction {
    private let map: @Sendable (any Error) -> Response?

    /// Creates the middleware.
    ///
    /// - Parameter map: returns the response to an error, or nil to pass it to the next mapping further out, and
    ///   finally to the server: an `HTTPError` becomes the response that it describes, any other error a 500.
    ///   Runs on the handler's thread.
    public init(_ map: @escaping @Sendable (_ error: any Error) -> Response?) { self.map = map }

    /// Calls `next`, and returns the response to an error that it throws if there is one.
    func map(
        _ request: borrowing Request, _ context: inout RequestContext,
        _ next: (inout RequestContext) throws -> Response
    ) throws -> Response {
        let outer = enter(&context)
        // This mapping does not apply to errors that are thrown outside.
        defer { context.errorMapping = outer }
        do {
            return try next(&context)
        } catch {
            // No middleware in between has turned the error into a response.
            if let response = map(error) {
                context.didMap(error, to: response, for: request)
                return response
            }
            throw error
        }
    }

    /// Does the same in a task.
    func map(
        _ request: borrowing Request, _ context: inout RequestContext,
        _ next: (inout RequestContext) async throws -> Response
    ) async throws -> Response {
        let outer = enter(&context)
        defer { context.errorMapping = outer }
        do {
            return try await next(&context)
        } catch {
            if let response = map(error) {
                context.didMap(error, to: response, for: request)
                return response
            }
            throw error
        }
    }

    /// Makes this mapping the one for the middlewares inside. Returns the mapping that applies outside.
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
