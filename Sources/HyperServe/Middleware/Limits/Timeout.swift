/// Limits how long the async and blocking handlers that it wraps may take to begin their answer. The client is then
/// told 503; the task of an async handler is cancelled, a blocking one runs on and its answer is dropped. It takes
/// precedence over `ServerConfiguration.handlerTimeout`. Inline handlers can't be interrupted.
///
/// The 503 of a handler that has begun is the connection's own: it has no field of any middleware's, which all still
/// wait for the handler.
public struct Timeout: Filter {
    private let duration: Duration

    /// Creates the middleware; the duration is longer than zero and counts in steps of about 0.1 s. Another one is
    /// reported by `Server.init`.
    public init(_ duration: Duration) { self.duration = duration }

    /// Sets the limit.
    public func configure(_ options: inout RouteOptions) {
        if let problem = OutOfRange.problem("duration", duration) { options.reject(self, because: problem) }
        options.handlerTimeout = duration
    }
}
