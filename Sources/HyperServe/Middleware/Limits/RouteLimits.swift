// Middlewares that set the limits of routes.

/// Limits the request bodies of the routes that it wraps. A longer body gets 413, before it is read if its length was
/// declared. Takes precedence over the limits of the route and the server.
public struct BodyLimit: RouteConfiguration {
    private let maximumByteCount: Int

    /// Creates the middleware with a limit in bytes. `Server.init` throws if it is negative.
    public init(_ maximumByteCount: Int) { self.maximumByteCount = maximumByteCount }

    /// Sets the limit.
    public func configure(_ options: inout RouteOptions) {
        if let problem = OutOfRange.problem("maximumByteCount", maximumByteCount, atLeast: 0) {
            options.reject(self, because: problem)
        }
        options.maximumBodyByteCount = maximumByteCount
        options.bodySetting = .middleware
    }
}

/// Limits the time until the async and blocking handlers that it wraps begin their response. After it, the client gets
/// 503; the task of an async handler is cancelled, a blocking handler runs on and its response is dropped. Takes
/// precedence over `ServerConfiguration.handlerTimeout`. Inline handlers can't be interrupted.
///
/// The connection itself sends the 503 for a handler that has begun. It has no fields of middlewares, which are all
/// waiting for the handler.
public struct Timeout: RouteConfiguration {
    private let duration: Duration

    /// Creates the middleware with a duration, which is measured in steps of about 0.1 s. `Server.init` throws if it is
    /// not longer than zero.
    public init(_ duration: Duration) { self.duration = duration }

    /// Sets the limit.
    public func configure(_ options: inout RouteOptions) {
        if let problem = OutOfRange.problem("duration", duration) { options.reject(self, because: problem) }
        options.handlerTimeout = duration
    }
}
