/// Limits how long the async and blocking handlers that it wraps may take to begin their answer. The client is then
/// told 503; the task of an async handler is cancelled, a blocking one runs on and its answer is dropped. It goes
/// before `ServerConfiguration.handlerTimeout`. Inline handlers can't be interrupted.
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
