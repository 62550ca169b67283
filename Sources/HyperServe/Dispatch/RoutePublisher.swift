import Platform
import Reactor
import Routing
import Synchronization

/// Publishes new route tables to all reactors: the server's, and those of listeners that have their own routes.
final class RoutePublisher: Sendable {
    private let configuration: ServerConfiguration
    private let lifecycle: ServerLifecycle
    /// The log of the server itself.
    let log: EventLog
    private let lifetimes = RouteTable.Lifetimes()
    /// Runs blocking handlers; started for the first route that has one, or the first closure of async code.
    let blockingPool: BlockingPool
    private let counters: Counters<Count>
    /// Written only with `state` locked.
    private let counts: Counters<Count>.Writer
    /// Locked to start, replace and stop; never by a reactor that serves. Nothing that may hold objects of the program
    /// is released meanwhile: their `deinit` may call the server.
    private let state: Mutex<State>

    /// The owner of a set of routes.
    enum Owner: Hashable {
        case server
        /// The listener at this index, which has a router of its own.
        case listener(Int)
    }

    /// The routes of an owner, and the applications that serve them, one for each reactor.
    private struct Site {
        var table: RouteTable
        var applications: [ReactorApplication] = []
    }

    private enum Count: Int, CaseIterable { case replacements }

    private struct State {
        var sites: [Owner: Site]
        var isServing = false
        var clock = ServerClock.system
    }

    init(
        _ router: Router, _ configuration: ServerConfiguration, _ lifecycle: ServerLifecycle
    ) throws(RouteError) {
        self.configuration = configuration
        self.lifecycle = lifecycle
        log = EventLog(configuration.log)
        let pool = BlockingPool(configuration, log, owner: ObjectIdentifier(lifecycle))
        blockingPool = pool
        var sites = [Owner.server: Site(table: try RouteTable(router, configuration, pool, lifetimes: lifetimes))]
        for (index, listener) in configuration.listeners.enumerated() {
            guard let router = listener.router else { continue }
            sites[.listener(index)] = Site(
                table: try RouteTable(router, configuration, pool, lifetimes: lifetimes))
        }
        counters = Counters(writers: 1)
        counts = counters.makeWriter(0)
        state = Mutex(State(sites: sites))
    }

    /// The routes that serve new requests.
    func table(of owner: Owner) -> RouteTable { state.withLock { $0.sites[owner]!.table } }

    var statistics: RouteTableStatistics {
        RouteTableStatistics(
            replacementCount: Int(truncatingIfNeeded: counters.value(of: .replacements, by: 0)),
            // Relaxed: a statistic, which publishes nothing. Not one of the counters: any thread may release a table.
            liveTableCount: lifetimes.count.load(ordering: .relaxed))
    }

    /// Prepares to make applications.
    func start(clock: ServerClock) throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            state.clock = clock
            blockingPool.open()
            for site in state.sites.values where site.table.needsPool { try blockingPool.start() }
            state.isServing = true
        }
    }

    /// Creates the applications of one reactor, one for each listener. Listeners without routes of their own share one.
    @Sendable
    func makeApplications() -> [any Application] {
        state.withLock { state in
            let listeners = configuration.listeners
            let owners = listeners.indices.map { listeners[$0].router == nil ? Owner.server : .listener($0) }
            var made: [Owner: any Application] = [:]
            return (owners.isEmpty ? [.server] : owners).map { owner in
                if let application = made[owner] { return application }
                let application = makeApplication(for: owner, &state)
                made[owner] = application
                return application
            }
        }
    }

    /// Creates the application of a reactor without listeners.
    func makeServerApplication() -> any Application {
        state.withLock { makeApplication(for: .server, &$0) }
    }

    private func makeApplication(for owner: Owner, _ state: inout State) -> any Application {
        let application = ReactorApplication(dispatcher(of: owner, state))
        state.sites[owner]!.applications.append(application)
        return application
    }

    /// Replaces the routes for requests that begin after this call.
    func replace(_ router: Router, of owner: Owner) throws {
        let table = try RouteTable(router, configuration, blockingPool, lifetimes: lifetimes)
        _ = try state.withLock { state in
            if state.isServing, table.needsPool { try blockingPool.start() }
            let last = state.sites[owner]!.table
            state.sites[owner]!.table = table
            counts.add(1, to: .replacements)
            let unused = state.sites[owner]!.applications.map { $0.offer(dispatcher(of: owner, state)) }
            return (last, unused)
        }
    }

    /// Stops, after the reactors have ended. Waits until `deadline` for handlers that are still running.
    func stop(deadline: ContinuousClock.Instant?) {
        endServing()
        // The connections of these jobs are closed.
        blockingPool.stop(deadline: deadline)
    }

    /// Forgets the reactors, which have ended, or were not started.
    func endServing() {
        _ = state.withLock { state in
            state.isServing = false
            let applications = state.sites.values.map(\.applications)
            for owner in state.sites.keys { state.sites[owner]!.applications = [] }
            return applications
        }
    }

    private func dispatcher(of owner: Owner, _ state: borrowing State) -> Dispatcher {
        Dispatcher(
            table: state.sites[owner]!.table, configuration: configuration, log: log, pool: blockingPool.pool,
            clock: state.clock, lifecycle: lifecycle)
    }
}
