import HTTP1
import Routing
import Synchronization

/// A router made ready for requests: read by any number of threads, changed by none.
final class RouteTable: Sendable {
    /// A route, with all that its groups have given it.
    struct Route: Sendable {
        let target: Router.Target
        let chain: MiddlewareChain
        let options: RouteOptions
        /// The tree that finds the route, and the route's number there.
        let tree: Int
        let number: Int
    }

    /// The routes of all trees, numbered in the order in which they were added.
    let routes: [Route]
    /// Wraps what is answered without a route.
    let chain: MiddlewareChain
    let trailingSlash: TrailingSlash
    /// The hosts that have routes of their own. Their trees are those after the first, which is for every host.
    let hosts: [HostPattern]
    let trees: [RouteTree]
    /// For each tree the routes behind its numbers.
    let numbers: [[Int]]
    private let lifetimes: Lifetimes

    /// How many tables there are of those that a server has made.
    final class Lifetimes: Sendable {
        let count = Atomic<Int>(0)
    }

    init(_ router: Router, lifetimes: Lifetimes) throws(RouteError) {
        var builder = RouteTableBuilder()
        try builder.add(router)
        routes = builder.routes
        chain = MiddlewareChain(middlewares: router.middlewares)
        trailingSlash = router.trailingSlash
        hosts = builder.hosts
        trees = builder.trees.map { $0.build() }
        numbers = builder.numbers
        self.lifetimes = lifetimes
        lifetimes.count.add(1, ordering: .relaxed)
    }

    deinit { lifetimes.count.subtract(1, ordering: .relaxed) }

    /// The pattern of a route, with its prefixes.
    func pattern(_ route: Int) -> String {
        trees[routes[route].tree].pattern(route: routes[route].number)
    }

    /// Where a parameter's value stands in a path that the route matched; nil if the route has none of that name.
    func parameter(_ name: String, route: Int, path: RawSpan) -> ByteRange? {
        trees[routes[route].tree].parameter(name, route: routes[route].number, path: path)
    }

    /// Whether any handler needs the thread pool.
    var needsPool: Bool {
        routes.contains { if case .blocking = $0.target.handler { true } else { false } }
    }

    /// All routes in the order in which they were added.
    var summaries: [RouteSummary] {
        routes.map { route in
            RouteSummary(
                method: trees[route.tree].method(route: route.number),
                pattern: trees[route.tree].pattern(route: route.number),
                host: route.tree == 0 ? nil : hosts[route.tree - 1].description)
        }
    }
}
