import Platform
import Reactor
import Routing
import Synchronization
import ThreadPool

/// Brings the newest table of routes to all reactors of a server.
final class RoutePublisher: Sendable {
    private let configuration: ServerConfiguration
    private let lifetimes = RouteTable.Lifetimes()
    /// Held by those who start, replace and stop; never by a reactor that serves.
    private let state: Mutex<State>

    private struct State {
        var table: RouteTable
        var applications: [ReactorApplication] = []
        /// Threads for blocking handlers, once a route has had one.
        var pool: ThreadPool?
        var isServing = false
        var clock = ServerClock.system
        var replacementCount = 0
    }

    init(_ router: Router, _ configuration: ServerConfiguration) throws(RouteError) {
        self.configuration = configuration
        state = Mutex(State(table: try RouteTable(router, lifetimes: lifetimes)))
    }

    /// The routes that new requests take.
    var table: RouteTable { state.withLock { $0.table } }

    var statistics: RouteTableStatistics {
        RouteTableStatistics(
            replacementCount: state.withLock { $0.replacementCount },
            // Relaxed: a figure, and nothing is read because of it.
            liveTableCount: lifetimes.count.load(ordering: .relaxed))
    }

    /// Makes ready for applications.
    func start(clock: ServerClock) throws(ServerError) {
        try state.withLock { state throws(ServerError) in
            state.clock = clock
            try makePoolIfNeeded(&state, for: state.table)
            state.isServing = true
        }
    }

    /// An application for one reactor.
    func makeApplication() -> any Application {
        state.withLock { state in
            let application = ReactorApplication(dispatcher(state))
            state.applications.append(application)
            return application
        }
    }

    /// Has all requests that come after this call take other routes.
    func replace(_ router: Router) throws {
        let table = try RouteTable(router, lifetimes: lifetimes)
        try state.withLock { state in
            if state.isServing { try makePoolIfNeeded(&state, for: table) }
            state.table = table
            state.replacementCount += 1
            for application in state.applications { application.offer(dispatcher(state)) }
        }
    }

    /// The reactors are gone. Waits until `deadline` for the handlers that still run.
    func stop(deadline: ContinuousClock.Instant?) {
        let pool = state.withLock { state in
            state.isServing = false
            state.applications = []
            return state.pool.take()
        }
        // Whoever waited for these jobs is gone.
        pool?.shutdown(.discard, deadline: deadline)
    }

    private func dispatcher(_ state: borrowing State) -> Dispatcher {
        Dispatcher(table: state.table, configuration: configuration, pool: state.pool, clock: state.clock)
    }

    private func makePoolIfNeeded(_ state: inout State, for table: RouteTable) throws(ServerError) {
        guard state.pool == nil, table.needsPool else { return }
        do throws(ThreadPool.StartError) {
            state.pool = try ThreadPool(
                configuration: .init(
                    threads: configuration.blockingThreads, queueCapacity: configuration.maximumBlockingQueue,
                    name: "hs-block"))
        } catch {
            switch error {
            case .invalidConfiguration(let problem): throw .invalidConfiguration("blocking handlers: \(problem)")
            case .noThread(let code): throw .noThread(SystemError("pthread_create", code: code))
            }
        }
    }
}
