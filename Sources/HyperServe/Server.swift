public import Reactor
public import Routing
import Synchronization
package import ThreadPool

/// An HTTP/1.1 server.
///
/// ```swift
/// var router = Router()
/// router.get("/hello/{name}") { request in .text("Hello, \(request.parameters["name"]!)") }
/// try Server(router: router, configuration: .init(port: 8080)).run()
/// ```
///
/// `run()` serves until the process is told to end. Programs that have other things to do use `start()` and `stop()`.
/// A server is started once.
public final class Server: Sendable {
    /// As given to `init`.
    public let configuration: ServerConfiguration
    private let routes: RouteTree
    private let targets: [Router.Target]
    private let state = Mutex(State.created)
    let stopEvent = StopEvent()

    private enum State {
        case created
        case running(ReactorGroup, ThreadPool?)
        case stopped
    }

    /// Takes over the routes. Throws if one of them is malformed or two of them match the same paths.
    public init(router: Router, configuration: ServerConfiguration = .init()) throws(RouteError) {
        self.configuration = configuration
        routes = try router.makeTree()
        targets = router.targets
    }

    /// Listens and serves on threads of its own; returns once all of them are ready for connections.
    public func start() throws(StartError) {
        let service = try makeService()
        let group = try ReactorGroup(configuration: configuration.reactors, application: service.application)
        state.withLock { state in
            guard case .created = state else { preconditionFailure("a server is started once") }
            state = .running(group, service.pool)
        }
    }

    /// What reactors need to serve this server's routes.
    package struct Service: Sendable {
        package let application: any Application
        package let connections: ConnectionConfiguration
        /// Runs blocking handlers. Whoever asked for the service shuts it down.
        package let pool: ThreadPool?
    }

    /// What reactors serve, wherever their connections come from.
    package func makeService() throws(StartError) -> Service {
        let pool = try makePool()
        let dispatcher = Dispatcher(routes: routes, targets: targets, configuration: configuration, pool: pool)
        return Service(application: dispatcher, connections: configuration.reactors.connections, pool: pool)
    }

    /// Where the server listens, with the port that was chosen if 0 was asked for. Nil unless it runs.
    public var address: SocketAddress? { group?.address }

    /// The port that the server listens on. Nil unless it runs.
    public var port: Int? { address?.port }

    /// The kernel interface that it runs on. Nil unless it runs.
    public var driver: DriverKind? { group?.driver }

    /// Why it runs on epoll although io_uring would have been preferred; nil when it does not.
    public var fallbackReason: SystemError? { group?.fallbackReason }

    /// The counters of each reactor; empty unless the server runs.
    public var statistics: [ReactorStatisticsSnapshot] { group?.statistics ?? [] }

    /// Stops: no new connections, requests under way are answered, with `Connection: close`, and the rest is closed
    /// after `shutdownTimeout`. Returns when all is closed. Not to be called from a handler, which it would wait for.
    ///
    /// A blocking handler that is still running then is left to itself: nothing can stop it, and its answer is
    /// dropped.
    public func stop() {
        let running = state.withLock { state -> (ReactorGroup, ThreadPool?)? in
            guard case .running(let group, let pool) = state else { return nil }
            state = .stopped
            return (group, pool)
        }
        guard let (group, pool) = running else { return }
        let deadline = ContinuousClock.now + configuration.shutdownTimeout
        stopEvent.signal()
        group.requestStop(deadlineMilliseconds: configuration.shutdownTimeout.milliseconds)
        _ = group.join()
        // Whoever waited for these jobs is gone.
        pool?.shutdown(.discard, deadline: deadline)
    }

    private var group: ReactorGroup? {
        state.withLock { state in
            if case .running(let group, _) = state { group } else { nil }
        }
    }

    /// Threads for blocking handlers, if a route has one.
    private func makePool() throws(StartError) -> ThreadPool? {
        guard targets.contains(where: \.isBlocking) else { return nil }
        do throws(ThreadPool.StartError) {
            return try ThreadPool(
                configuration: .init(
                    threads: configuration.blockingThreads, queueCapacity: configuration.maximumBlockingQueue,
                    name: "hs-block"))
        } catch {
            switch error {
            case .noThread(let code): throw .noThread(SystemError("pthread_create", code: code))
            }
        }
    }
}
