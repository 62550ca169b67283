import HTTPCore
import Reactor
import Routing
import Synchronization

/// The routes of a router, prepared for matching. Immutable, so any number of threads may read it.
@safe
final class RouteTable: Sendable {
    /// The routes of all trees, numbered in the order in which they were added.
    let routes: [Route]
    // Read without reference counting: `routes` retains the routes.
    private let unretainedRoutes: [Unmanaged<Route>]
    /// Where the handler of each route runs.
    private let executions: [Router.Execution]
    /// Where a request without a route is handled.
    private let executionWithoutRoute: Router.Execution
    /// Wraps the responses to requests without a route.
    let chain: MiddlewareChain
    let trailingSlash: TrailingSlash
    /// Whether only the tree for every host has routes, and letters match in the same case: what `match` finds out
    /// first.
    let isPlain: Bool
    let ignoresCase: Bool
    /// The hosts that have routes of their own. Their trees are those after the first, which is for every host.
    let hosts: [HostPattern]
    let trees: [RouteTree]
    /// For each tree, the indices in `routes` of its route numbers.
    let numbers: [[Int]]
    /// The methods of the routes.
    let methods: MethodTable
    /// The tree for every host, and its numbers: stored apart, so that a request reads them without reference counting.
    let commonTree: RouteTree
    let commonNumbers: [Int]
    /// The server's pool, for closures of async code.
    let blockingPool: BlockingPool
    /// The limit of `ServerConfiguration`.
    private let serverBodyLimit: BodyByteLimit
    /// Where handlers log.
    let log: (any LogDestination)?
    private let lifetimes: Lifetimes

    /// Counts the tables of a server that are in memory.
    final class Lifetimes: Sendable {
        let count = Atomic<Int>(0)
    }

    init(
        _ router: Router, _ configuration: ServerConfiguration, _ blockingPool: BlockingPool, lifetimes: Lifetimes
    ) throws(RouteError) {
        self.blockingPool = blockingPool
        let builder = try RouteTableBuilder(router)
        routes = builder.routes
        unsafe unretainedRoutes = builder.routes.map { unsafe .passUnretained($0) }
        executions = builder.routes.map(\.execution)
        chain = MiddlewareChain(router.middlewares)
        executionWithoutRoute = RouteTable.executionWithoutRoute(chain, executions)
        trailingSlash = router.trailingSlash
        ignoresCase = router.letterCase == .ignore
        isPlain = builder.hosts.isEmpty && !ignoresCase
        hosts = builder.hosts
        trees = builder.trees.map { $0.build() }
        numbers = builder.numbers
        methods = builder.methods
        commonTree = trees[0]
        commonNumbers = numbers[0]
        serverBodyLimit = BodyByteLimit(byteCount: configuration.maximumBodyByteCount, setting: .server)
        log = configuration.log
        self.lifetimes = lifetimes
        lifetimes.count.add(1, ordering: .relaxed)
    }

    deinit { lifetimes.count.subtract(1, ordering: .relaxed) }

    /// Where a request is handled. If its path has routes for other methods only, its middlewares run where those of
    /// such a route do.
    ///
    /// - Parameter destination: a `Destination.packed`.
    @inline(__always)
    func execution(ofPacked destination: Int) -> Router.Execution {
        // The number of a route is its index.
        UInt(bitPattern: destination) < UInt(bitPattern: executions.count)
            ? executions[destination] : executionWithoutRoute(at: Destination(packed: destination))
    }

    @inline(never)
    private func executionWithoutRoute(at destination: Destination) -> Router.Execution {
        guard let example = destination.matchedRoute else { return executionWithoutRoute }
        return routes[example].chain.isEmpty ? .inline : executions[example]
    }

    /// The outermost middlewares wrap all routes, so if one of these is inline, the middlewares can't block. If none
    /// is, their synchronous form may block, and only the pool runs it.
    private static func executionWithoutRoute(
        _ chain: MiddlewareChain, _ executions: [Router.Execution]
    ) -> Router.Execution {
        if chain.isEmpty { return .inline }
        if executions.isEmpty || executions.contains(.inline) { return chain.isAsync ? .task : .inline }
        return executions.contains(.task) ? .task : .pool
    }

    /// Calls `body` with a route, which lives as long as the table.
    func withRoute<Result>(_ route: Int, _ body: (Route) throws -> Result) rethrows -> Result {
        try unsafe unretainedRoutes[route]._withUnsafeGuaranteedRef(body)
    }

    /// The pattern of a route, with its prefixes.
    func pattern(_ route: Int) -> String {
        trees[routes[route].tree].pattern(route: routes[route].number)
    }

    /// The range of a parameter's value in a path that the route matched; nil if the route has no such parameter.
    func parameter(_ name: String, route: Int, path: RawSpan) -> ByteRange? {
        trees[routes[route].tree].parameter(name, route: routes[route].number, path: path)
    }

    /// The limit of a route's bodies; nil if they are streamed without one.
    func bodyLimit(_ route: Int) -> BodyByteLimit? {
        let options = routes[route].options
        if let count = options.maximumBodyByteCount {
            return BodyByteLimit(byteCount: count, setting: options.bodySetting)
        }
        return routes[route].target.body.isStreamed ? nil : serverBodyLimit
    }

    /// The limit of what a handler collects of a body in memory: that of the route's bodies, or else the server's.
    func collectingLimit(_ destination: Destination) -> BodyByteLimit {
        destination.matchedRoute.flatMap(bodyLimit) ?? serverBodyLimit
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
