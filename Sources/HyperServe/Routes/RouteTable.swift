import HTTPCore
import Routing
import Synchronization

/// A router made ready for requests: read by any number of threads, changed by none.
@safe
final class RouteTable: Sendable {
    /// The routes of all trees, numbered in the order in which they were added.
    let routes: [Route]
    // Read without counting a reference: `routes` holds what they refer to.
    private let unretainedRoutes: [Unmanaged<Route>]
    /// For each route where its handler is called.
    private let ways: [Router.Way]
    /// The same for what is answered without a route.
    private let wayWithoutRoute: Router.Way
    /// Wraps what is answered without a route.
    let chain: MiddlewareChain
    let trailingSlash: TrailingSlash
    /// The hosts that have routes of their own. Their trees are those after the first, which is for every host.
    let hosts: [HostPattern]
    let trees: [RouteTree]
    /// For each tree the routes behind its numbers.
    let numbers: [[Int]]
    /// The tree that is for every host and its numbers, which a request reads without counting a reference.
    let commonTree: RouteTree
    let commonNumbers: [Int]
    private let lifetimes: Lifetimes

    /// How many tables there are of those that a server has made.
    final class Lifetimes: Sendable {
        let count = Atomic<Int>(0)
    }

    init(_ router: Router, lifetimes: Lifetimes) throws(RouteError) {
        var builder = RouteTableBuilder()
        try builder.add(router)
        routes = builder.routes
        unsafe unretainedRoutes = builder.routes.map { unsafe .passUnretained($0) }
        ways = builder.routes.map(\.target.way)
        chain = MiddlewareChain(middlewares: router.middlewares)
        wayWithoutRoute = RouteTable.wayWithoutRoute(chain, ways)
        trailingSlash = router.trailingSlash
        hosts = builder.hosts
        trees = builder.trees.map { $0.build() }
        numbers = builder.numbers
        commonTree = trees[0]
        commonNumbers = numbers[0]
        self.lifetimes = lifetimes
        lifetimes.count.add(1, ordering: .relaxed)
    }

    deinit { lifetimes.count.subtract(1, ordering: .relaxed) }

    /// Where a request is answered: middlewares run where those of a route of its path do.
    ///
    /// - Parameter destination: as `Destination.packed`.
    @inline(__always)
    func way(ofPacked destination: Int) -> Router.Way {
        // Where there is a route, the number is the route's own.
        UInt(bitPattern: destination) < UInt(bitPattern: ways.count)
            ? ways[destination] : otherWay(of: Destination(packed: destination))
    }

    @inline(never)
    private func otherWay(of destination: Destination) -> Router.Way {
        guard let example = destination.matchedRoute else { return wayWithoutRoute }
        return routes[example].chain.middlewares.isEmpty ? .inline : ways[example]
    }

    /// The outermost middlewares wrap all routes, so if one of them is inline they can't block. If none is, they may
    /// block in their synchronous form, which then only the pool runs.
    private static func wayWithoutRoute(_ chain: MiddlewareChain, _ ways: [Router.Way]) -> Router.Way {
        if chain.middlewares.isEmpty || ways.isEmpty || ways.contains(.inline) { return .inline }
        return ways.contains(.task) ? .task : .pool
    }

    /// Calls `body` with a route, which is there as long as the table.
    func withRoute<Result>(_ route: Int, _ body: (Route) throws -> Result) rethrows -> Result {
        try unsafe unretainedRoutes[route]._withUnsafeGuaranteedRef(body)
    }

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
