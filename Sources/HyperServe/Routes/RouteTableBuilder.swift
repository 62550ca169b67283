import Routing

/// Goes through a router and its groups, and collects their routes.
struct RouteTableBuilder {
    private(set) var routes: [Route] = []
    private(set) var hosts: [HostPattern] = []
    private(set) var trees = [RouteTreeBuilder()]
    private(set) var numbers: [[Int]] = [[]]

    /// Adds all that is in a router.
    ///
    /// - Parameters:
    ///   - prefix: stands before its patterns.
    ///   - tree: where its routes go.
    ///   - outer: the middlewares around it.
    mutating func add(
        _ router: Router, prefix: String = "", tree: Int = 0, outer: [any Middleware] = []
    ) throws(RouteError) {
        let middlewares = outer + router.middlewares
        for item in router.items {
            switch item {
            case .route(let method, let pattern, let target, let own):
                let number = try trees[tree].add(method: method, pattern: prefix + pattern)
                numbers[tree].append(routes.count)
                routes.append(
                    RouteTableBuilder.route(target, middlewares: middlewares + own, tree: tree, number: number))
            case .group(let inner, let router):
                try add(router, prefix: prefix + inner, tree: tree, outer: middlewares)
            case .host(let host, let router):
                try add(router, prefix: prefix, tree: treeIndex(of: host), outer: middlewares)
            }
        }
    }

    private mutating func treeIndex(of host: String) throws(RouteError) -> Int {
        let pattern = try HostPattern(host)
        if let known = hosts.firstIndex(of: pattern) { return known + 1 }
        hosts.append(pattern)
        trees.append(RouteTreeBuilder())
        numbers.append([])
        return hosts.count
    }

    private static func route(
        _ target: Router.Target, middlewares: [any Middleware], tree: Int, number: Int
    ) -> Route {
        var options = RouteOptions(maximumBodyByteCount: target.body.maximumByteCount)
        for middleware in middlewares { middleware.configure(&options) }
        return Route(
            target: target, chain: MiddlewareChain(middlewares: middlewares), options: options, tree: tree,
            number: number)
    }
}
