import Platform
public import Reactor
public import Routing

/// An HTTP/1.1 server.
///
/// ```swift
/// var router = Router()
/// router.get("/hello/{name}") { request in .text("Hello, \(request.parameters["name"]!)") }
/// try Server(router: router, configuration: .init(port: 8080)).run()
/// ```
///
/// `run()` serves until the process is told to end. Programs that have other things to do use `start()` and `stop()`.
/// A server serves once: after its end it cannot be started again. All of these may be called by any thread, in any
/// order.
///
/// Only `stop()` ends a started server. Releasing the last reference to it does not: its threads serve until the
/// process ends, and nothing can stop them any more.
public final class Server: Sendable {
    /// As given to `init`.
    public let configuration: ServerConfiguration
    let publisher: RoutePublisher
    let lifecycle: ServerLifecycle

    /// Takes over the routes, also those of `ServerConfiguration.listeners`. Throws if one of them is malformed, if two
    /// of a router match the same paths, or if a middleware was created with values that it can't work with. The
    /// configuration is looked at by `start()`.
    public init(router: Router, configuration: ServerConfiguration = .init()) throws(RouteError) {
        // What is written to a standard stream must not end in a socket.
        StandardDescriptors.fill()
        self.configuration = configuration
        lifecycle = ServerLifecycle(grace: configuration.shutdownTimeout)
        publisher = try RoutePublisher(router, configuration)
    }

    /// Listens and serves on threads of its own; returns once all of them are ready for connections.
    ///
    /// - Throws: `ServerError.invalidConfiguration` if a value of the configuration is out of range, before anything
    ///   else is done; `alreadyStarted` if the server is starting or serves, and `stopped` if it was stopped, also
    ///   during this call. After any other error nothing is left of the attempt, and the server can be started again.
    ///
    /// If a reactor fails later on, which `ServerConfiguration.log` reports, the server drains as after `stop()`. It
    /// must be stopped all the same. One that fails before this returns ends the server, which then can't be started
    /// again: `reactorFailed` is thrown.
    public func start() throws(ServerError) {
        try configuration.validate()
        try lifecycle.beginStart()
        let group: ReactorGroup
        do throws(ServerError) {
            group = try startReactors()
        } catch {
            lifecycle.startFailed()
            throw error
        }
        if let drain = lifecycle.didStart(group) {
            close(drain)
            throw lifecycle.failure.map { .reactorFailed($0) } ?? .stopped
        }
    }

    private func startReactors() throws(ServerError) -> ReactorGroup {
        ReactorGroup.prepareDescriptors(for: configuration.reactors)
        try publisher.start(clock: .system)
        do throws(ServerError) {
            return try ReactorGroup(
                configuration: configuration.reactors, makeApplications: publisher.makeApplications,
                whenReactorFails: { [lifecycle, configuration] error in
                    let drain = lifecycle.reactorFailed(error)
                    configuration.log?("a reactor failed, and the server stops: \(error)")
                    guard let drain else { return }
                    drain.group.requestStop(deadlineMilliseconds: configuration.shutdownTimeout.milliseconds)
                })
        } catch {
            // A blocking handler may be running already, for a client of the reactors that could start.
            publisher.stop(deadline: configuration.shutdownTimeout.deadline)
            throw error
        }
    }

    /// What reactors need to serve this server's routes.
    package struct Service: Sendable {
        /// Makes an application for each reactor: the server's routes, not those of a listener.
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
            makeApplication: { publisher.makeServerApplication() }, connections: configuration.reactors.connections,
            stop: { publisher.stop(deadline: nil) })
    }

    /// Where the server listens: in the order of `ServerConfiguration.listeners`, or at its one address; with the ports
    /// that were chosen where 0 was asked for. Empty before it serves and once all is closed.
    public var addresses: [ListenerAddress] { lifecycle.group?.addresses ?? [] }

    /// The first TCP address that the server listens on, with the port that was chosen if 0 was asked for. Nil if there
    /// is none, before it serves, and once all is closed.
    public var address: SocketAddress? {
        for case .tcp(let address) in addresses { return address }
        return nil
    }

    /// The first TCP port that the server listens on. Nil if there is none, before it serves, and once all is closed.
    public var port: Int? { address?.port }

    /// The kernel interface that it runs on. Nil before it serves and once all is closed.
    public var driver: DriverKind? { lifecycle.group?.driver }

    /// Why it runs on epoll although io_uring would have been preferred; nil when it does not.
    public var fallbackReason: SystemError? { lifecycle.group?.fallbackReason }

    /// The counters of each reactor, the last ones once the server has stopped; empty before it serves.
    public var statistics: [ReactorStatisticsSnapshot] { lifecycle.statistics }

    /// Stops: no new connections, requests under way get their responses, and the rest is closed after
    /// `shutdownTimeout`. Responses to requests that begin after this say `Connection: close`. Returns when all is
    /// closed, whoever began it. Not to be called from a handler, which it would wait for.
    ///
    /// A server that has not been started yet never will be: `start()` throws `stopped`, and `run()` returns at once.
    ///
    /// A blocking handler that is still running after `shutdownTimeout` is left to itself: nothing can stop it, and its
    /// response is dropped.
    public func stop() {
        if let drain = lifecycle.requestStop() { close(drain) } else { lifecycle.wait(for: .stopped) }
    }

    /// From draining to the end. By the one thread that got `drain`.
    private func close(_ drain: ServerLifecycle.Drain) {
        let left = max(.zero, drain.deadline - .now)
        drain.group.requestStop(deadlineMilliseconds: left.milliseconds)
        _ = drain.group.join()
        lifecycle.reactorsEnded()
        publisher.stop(deadline: drain.deadline)
        lifecycle.didClose()
    }
}
