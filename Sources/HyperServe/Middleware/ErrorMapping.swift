/// Turns errors that handlers and middlewares throw into answers of the application's choice.
///
/// ```swift
/// router.use(ErrorMapping { error in error is NotInStock ? .text("sold out", status: .conflict) : nil })
/// ```
///
/// It holds for what is within it, whatever comes in between. Of several the innermost is asked first.
public struct ErrorMapping: Filter {
    private let map: @Sendable (any Error) -> Response?

    /// Creates the middleware.
    ///
    /// - Parameter map: returns the answer to an error, or nil to leave it to the next one further out, and in the end
    ///   to the server: an `HTTPError` gives the answer that it names, and anything else a 500 and a line in
    ///   `ServerConfiguration.log`. Runs on the handler's thread.
    public init(_ map: @escaping @Sendable (_ error: any Error) -> Response?) { self.map = map }

    /// Notes what errors become.
    public func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
        guard let outer = context.errorMapping else {
            context.errorMapping = map
            return nil
        }
        context.errorMapping = { [map] error in map(error) ?? outer(error) }
        return nil
    }
}
