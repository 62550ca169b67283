/// What is decided about a route's requests before its handler is called; see `Middleware.configure(_:)`.
public struct RouteOptions: Sendable {
    /// Bytes of a request's body; longer ones are answered with 413. Nil for the route's own limit or the server's.
    public var maximumBodyByteCount: Int?
    /// How long an async or blocking handler may take to begin its answer; then the client is told 503, and the task
    /// of an async one is cancelled. Nil for `ServerConfiguration.handlerTimeout`.
    public var handlerTimeout: Duration?
}
