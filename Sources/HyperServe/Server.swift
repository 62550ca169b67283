public import Reactor
public import Routing
import Synchronization

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
    let publisher: RoutePublisher
    private let state = Mutex(State.created)
    let stopEvent = StopEvent()

    private enum State {
        case created
        case running(ReactorGroup)
        case stopping(ReactorGroup)
        /// With what its reactors counted last.
        case stopped([ReactorStatisticsSnapshot])
    }

    /// Takes over the routes. Throws if one of them is malformed, if two of them match the same paths, or if a
    /// middleware was created with values that it can't work with. The configuration is looked at by `start()`.
    public init(router: Router, configuration: ServerConfiguration = .init()) throws(RouteError) {
        self.configuration = configuration
        publisher = try RoutePublisher(router, configuration)
    }

    /// Listens and serves on threads of its own; returns once all of them are ready for connections.
    ///
    /// - Throws: `ServerError.invalidConfiguration` if a value of the configuration is out of range, before anything
    ///   else is done; another `ServerError` if the system refuses something.
    public func start() throws(ServerError) {
        try configuration.validate()
        ReactorGroup.prepareDescriptors(for: configuration.reactors)
        let service = try makeService()
        let group: ReactorGroup
        do throws(ServerError) {
            group = try ReactorGroup(
                configuration: configuration.reactors, makeApplication: service.makeApplication)
        } catch {
            service.stop()
            throw error
        }
        state.withLock { state in
            guard case .created = state else { preconditionFailure("a server is started once") }
            state = .running(group)
        }
    }

    /// What reactors need to serve this server's routes.
    package struct Service: Sendable {
        /// Makes an application for each reactor.
        package let makeApplication: @Sendable () -> any Application
        package let connections: ConnectionConfiguration
        /// To be called when the reactors have ended.
        package let stop: @Sendable () -> Void
    }

    /// What reactors serve, wherever their connections come from, and whatever time it is for them.
    package func makeService(clock: ServerClock = .system) throws(ServerError) -> Service {
        try configuration.validate()
        let publisher = publisher
        try publisher.start(clock: clock)
        return Service(
            makeApplication: { publisher.makeApplication() }, connections: configuration.reactors.connections,
            stop: { publisher.stop(deadline: nil) })
    }

    /// Where the server listens, with the port that was chosen if 0 was asked for. Nil unless it runs.
    public var address: SocketAddress? { group?.address }

    /// The port that the server listens on. Nil unless it runs.
    public var port: Int? { address?.port }

    /// The kernel interface that it runs on. Nil unless it runs.
    public var driver: DriverKind? { group?.driver }

    /// Why it runs on epoll although io_uring would have been preferred; nil when it does not.
    public var fallbackReason: SystemError? { group?.fallbackReason }

    /// The counters of each reactor, the last ones once the server has stopped; empty before it was started.
    public var statistics: [ReactorStatisticsSnapshot] {
        state.withLock { state in
            switch state {
            case .created: []
            case .running(let group), .stopping(let group): group.statistics
            case .stopped(let statistics): statistics
            }
        }
    }

    /// Stops: no new connections, requests under way are answered, with `Connection: close`, and the rest is closed
    /// after `shutdownTimeout`. Returns when all is closed. Not to be called from a handler, which it would wait for.
    ///
    /// A blocking handler that is still running then is left to itself: nothing can stop it, and its answer is
    /// dropped.
    public func stop() {
        let running = state.withLock { state -> ReactorGroup? in
            guard case .running(let group) = state else { return nil }
            state = .stopping(group)
            return group
        }
        guard let group = running else { return }
        let deadline = configuration.shutdownTimeout.deadline
        stopEvent.signal()
        group.requestStop(deadlineMilliseconds: configuration.shutdownTimeout.milliseconds)
        _ = group.join()
        state.withLock { $0 = .stopped(group.statistics) }
        publisher.stop(deadline: deadline)
    }

    var group: ReactorGroup? {
        state.withLock { state in
            if case .running(let group) = state { group } else { nil }
        }
    }
}
