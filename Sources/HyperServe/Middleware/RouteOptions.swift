import Routing

/// What is decided about a route's requests before its handler is called; see `Middleware.configure(_:)`.
public struct RouteOptions: Sendable {
    /// Bytes of a request's body; longer ones are answered with 413. Nil for the route's own limit or the server's.
    public var maximumBodyByteCount: Int?
    /// How long an async or blocking handler may take to begin its answer; then the client is told 503, and the task
    /// of an async one is cancelled. Nil for `ServerConfiguration.handlerTimeout`.
    public var handlerTimeout: Duration?
    /// The first middleware that reported that it can't work.
    private(set) var rejection: RouteError?

    /// Reports that a middleware was created with values that it can't work with, such as a negative limit from a
    /// configuration. `Server.init` then throws `RouteError.invalidMiddleware` instead of serving without it.
    ///
    /// - Parameter reason: what is wrong, as a sentence without its end: "requests is 0; it is at least 1".
    public mutating func reject(_ middleware: some Middleware, because reason: String) {
        if rejection == nil { rejection = .invalidMiddleware(name: "\(type(of: middleware))", reason: reason) }
    }

    /// What is out of range, whoever has decided it.
    var problem: String? {
        maximumBodyByteCount.flatMap { OutOfRange.problem("maximumBodyByteCount", $0, atLeast: 0) }
            ?? handlerTimeout.flatMap { OutOfRange.problem("handlerTimeout", $0) }
    }
}
