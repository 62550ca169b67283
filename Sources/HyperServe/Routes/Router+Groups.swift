// Groups of routes.
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
    ///   - prefix: a pattern without a slash at its end; it may have parameters. Within the group, the pattern ""
    ///     matches the prefix itself. An empty prefix groups routes only for their middlewares.
    ///   - build: adds the routes to an empty router; called immediately.
    public mutating func group(_ prefix: String = "", _ build: (inout Router) throws -> Void) rethrows {
        var router = Router()
        try build(&router)
        mount(prefix, router)
    }

    /// Adds all routes of another router under a prefix. They are wrapped in that router's middlewares, and these in
    /// this router's. The policies for slashes and letters are this router's.
    public mutating func mount(_ prefix: String, _ router: Router) {
        add(.group(prefix: prefix.hasSuffix("/") ? String(prefix.dropLast()) : prefix, router))
    }

    /// Adds routes for one host. They take precedence over the routes for every host, which still serve paths that this
    /// host does not have.
    ///
    /// - Parameters:
    ///   - host: a name without a port, in any case; "*.example.com" is every name that ends in ".example.com".
    ///   - build: adds the routes to an empty router; called immediately.
    public mutating func host(_ host: String, _ build: (inout Router) throws -> Void) rethrows {
        var router = Router()
        try build(&router)
        add(.host(host, router))
    }
}
