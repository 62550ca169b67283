import Routing

/// Collects the routes of a router and its groups.
struct RouteTableBuilder {
    private(set) var routes: [Route] = []
    private(set) var hosts: [HostPattern] = []
    private(set) var trees: [RouteTreeBuilder]
    private(set) var numbers: [[Int]] = [[]]
    /// The methods of all routes.
    let methods: MethodTable
    /// The router whose policies apply to all routes.
    private let root: Router

    /// Collects the routes of a router and its groups.
    init(_ root: Router) throws(RouteError) {
        var methods = MethodTable()
        try root.collectMethods(&methods)
        self.methods = methods
        self.root = root
        trees = [RouteTableBuilder.tree(methods, root)]
        try add(root)
    }

    /// Adds the routes of a router.
    ///
    /// - Parameters:
    ///   - prefix: the prefix of its patterns.
    ///   - tree: the tree that its routes are added to.
    ///   - outer: the middlewares around the router.
    private mutating func add(
        _ router: Router, prefix: String = "", tree: Int = 0, outer: [any Middleware] = []
    ) throws(RouteError) {
        try RouteTableBuilder.check(router.middlewares)
        let middlewares = outer + router.middlewares
        for item in router.items {
            switch item {
            case .route(let method, let pattern, let target, let own):
                try RouteTableBuilder.check(pattern, after: prefix)
                let number = try trees[tree].add(method: method, pattern: prefix + pattern)
                numbers[tree].append(routes.count)
                let options = try RouteTableBuilder.options(target, middlewares + own, pattern: prefix + pattern)
                routes.append(
                    Route(
                        target: target, chain: MiddlewareChain(middlewares + own), options: options,
                        tree: tree, number: number))
            case .group(let inner, let router):
                try RouteTableBuilder.check(inner, after: prefix)
                try check(router, at: prefix + inner)
                try add(router, prefix: prefix + inner, tree: tree, outer: middlewares)
            case .host(let host, let router):
                try check(router, at: host)
                try add(router, prefix: prefix, tree: treeIndex(of: host), outer: middlewares)
            }
        }
    }

    private mutating func treeIndex(of host: String) throws(RouteError) -> Int {
        let pattern = try HostPattern(host)
        if let known = hosts.firstIndex(of: pattern) { return known + 1 }
        hosts.append(pattern)
        trees.append(RouteTableBuilder.tree(methods, root))
        numbers.append([])
        return hosts.count
    }

    private static func tree(_ methods: MethodTable, _ root: Router) -> RouteTreeBuilder {
        RouteTreeBuilder(methods: methods, ignoresCase: root.letterCase == .ignore)
    }

    /// Throws for a pattern in a group that would continue the last segment of the prefix instead of beginning one.
    private static func check(_ pattern: String, after prefix: String) throws(RouteError) {
        guard !prefix.isEmpty, !pattern.isEmpty, !pattern.hasPrefix("/") else { return }
        throw .malformed(pattern: pattern, reason: "a pattern begins with a slash, in the group \"\(prefix)\" too")
    }

    /// Throws if a group or host sets a policy that is not the server's: it would have no effect.
    private func check(_ router: Router, at place: String) throws(RouteError) {
        if router.trailingSlash != .exact, router.trailingSlash != root.trailingSlash {
            throw .invalidRoute(pattern: place, reason: "trailingSlash is set for all routes, by the server's router")
        }
        if router.letterCase != .exact, router.letterCase != root.letterCase {
            throw .invalidRoute(pattern: place, reason: "letterCase is set for all routes, by the server's router")
        }
    }

    /// Throws for an invalid middleware even if it wraps no route: those of the outermost router wrap the 404
    /// responses, and adding a route later should not bring up an old mistake.
    private static func check(_ middlewares: [any Middleware]) throws(RouteError) {
        var options = RouteOptions()
        configure(&options, middlewares)
        if let rejection = options.rejection { throw rejection }
    }

    private static func configure(_ options: inout RouteOptions, _ middlewares: [any Middleware]) {
        for middleware in middlewares {
            if let problem = MiddlewareStage.problem(of: middleware) { options.reject(middleware, because: problem) }
            (middleware as? any RouteConfiguration)?.configure(&options)
        }
    }

    private static func options(
        _ target: Router.Target, _ middlewares: [any Middleware], pattern: String
    ) throws(RouteError) -> RouteOptions {
        var options = RouteOptions(target.body)
        // A value of the route's own may be out of range, even if a middleware replaces it.
        var problem = options.problem
        configure(&options, middlewares)
        if let rejection = options.rejection { throw rejection }
        problem = problem ?? options.problem
        if let problem { throw .invalidRoute(pattern: pattern, reason: problem) }
        return options
    }
}

extension Router {
    /// Adds the methods of the routes, with those of groups and hosts.
    fileprivate func collectMethods(_ methods: inout MethodTable) throws(RouteError) {
        for item in items {
            switch item {
            case .route(let method, _, _, _):
                guard methods.add(method) else {
                    throw .tooManyMethods(method: method, maximum: MethodTable.maximumOtherCount)
                }
            case .group(_, let router), .host(_, let router):
                try router.collectMethods(&methods)
            }
        }
    }
}
