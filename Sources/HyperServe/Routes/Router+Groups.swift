// Routes that have something in common.
extension Router {
    /// Adds routes under a common prefix.
    ///
    /// ```swift
    /// router.group("/api") { api in
    ///     api.use(BearerAuth { token in token == secret ? "service" : nil })
    ///     api.get("/items") { _ in .text("items") }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - prefix: a pattern without a slash at its end; it may have parameters. Within the group the pattern "" stands
    ///     for the prefix itself. An empty prefix groups routes for the sake of their middlewares.
    ///   - build: called at once with an empty router, which it fills.
    public mutating func group(_ prefix: String = "", _ build: (inout Router) throws -> Void) rethrows {
        var router = Router()
        try build(&router)
        mount(prefix, router)
    }

    /// Adds all routes of another router under a prefix, wrapped in that router's middlewares, and these in this one's.
    public mutating func mount(_ prefix: String, _ router: Router) {
        add(.group(prefix: prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix, router))
    }

    /// Adds routes for one host, which go before those for every host; what they do not know is looked for there.
    ///
    /// - Parameters:
    ///   - host: a name without port, in any case; "*.example.com" stands for every name that ends so.
    ///   - build: called at once with an empty router, which it fills.
    public mutating func host(_ host: String, _ build: (inout Router) throws -> Void) rethrows {
        var router = Router()
        try build(&router)
        add(.host(host, router))
    }
}
