/// Limits the bodies of the requests that it wraps; longer ones are answered with 413, before they are read where their
/// length was declared. It takes precedence over the route's own limit and the server's.
public struct BodyLimit: Filter {
    private let maximumByteCount: Int

    /// Creates the middleware; the limit is in bytes and not negative. Another one is reported by `Server.init`.
    public init(_ maximumByteCount: Int) { self.maximumByteCount = maximumByteCount }

    /// Sets the limit.
    public func configure(_ options: inout RouteOptions) {
        if let problem = OutOfRange.problem("maximumByteCount", maximumByteCount, atLeast: 0) {
            options.reject(self, because: problem)
        }
        options.maximumBodyByteCount = maximumByteCount
    }
}
