import Routing

/// The options of a route, which apply before its handler is called; see `Middleware.configure(_:)`.
public struct RouteOptions: Sendable {
    /// Maximum size of a request body, in bytes; a longer one gets 413. Nil for the limit of the route or the server.
    public var maximumBodyByteCount: Int? {
        didSet { bodySetting = .options }
    }
    /// The setting that `maximumBodyByteCount` comes from, unless it is nil.
    var bodySetting: BodyByteLimit.Setting
    /// Maximum time until an async or blocking handler begins its response; after it, the client gets 503, and the task
    /// of an async handler is cancelled. Nil for `ServerConfiguration.handlerTimeout`.
    public var handlerTimeout: Duration?
    /// The error of the first middleware that was rejected.
    private(set) var rejection: RouteError?

    /// Creates the options of a route without middleware.
    init(_ body: BodyMode = .collect) {
        maximumBodyByteCount = body.maximumByteCount
        bodySetting = body.isStreamed ? .streamed : .collected
    }

    /// Rejects a middleware that was created with invalid values, such as a negative limit from a configuration.
    /// `Server.init` then throws `RouteError.invalidMiddleware` instead of serving without it.
    ///
    /// - Parameter reason: a sentence without a period that names the value: "requests is 0; it is at least 1".
    public mutating func reject(_ middleware: some Middleware, because reason: String) {
        if rejection == nil { rejection = .invalidMiddleware(name: "\(type(of: middleware))", reason: reason) }
    }

    /// A description of the first option that is out of range, or nil.
    var problem: String? {
        maximumBodyByteCount.flatMap { OutOfRange.problem("maximumBodyByteCount", $0, atLeast: 0) }
            ?? handlerTimeout.flatMap { OutOfRange.problem("handlerTimeout", $0) }
    }
}
