import Platform
public import Reactor
public import Routing

/// An HTTP/1.1 server.
///
/// ```swift
/// var router = Router()
/// router.get("/hello/{name}") { request in .text("Hello, \(try request.parameter("name", as: String.self))") }
/// try Server(router: router, configuration: .init(port: 8080)).run()
/// ```
///
/// `run()` serves until the process receives SIGINT or SIGTERM. Programs that have other things to do use `start()` and
/// `stop()`. A server serves once: after it has stopped, it can't be started again. All of these functions may be
/// called from any thread, in any order.
///
/// Keep a reference to a server that you start. When the last reference to it is released, it stops as with `stop()`:
/// it drains in the background, on a thread of its own, and the log reports it. A handler that refers to its server
/// does so with `weak`; otherwise the two keep each other in memory, and only `stop()` ends the server.
public final class Server: Sendable {
    /// The configuration that was passed to `init`.
    public let configuration: ServerConfiguration
    let publisher: RoutePublisher
    let lifecycle: ServerLifecycle

    /// Creates a server for the routes of `router` and of `ServerConfiguration.listeners`. `start()` validates the
    /// configuration.
    ///
    /// - Throws: `RouteError` if a route is malformed, if two routes of a router match the same paths, or if a
    ///   middleware was created with invalid values.
    public init(router: Router, configuration: ServerConfiguration = .init()) throws(RouteError) {
        // If a standard stream is closed, a socket could get its number, and output to the stream would go to a client.
        StandardDescriptors.fill()
        self.configuration = configuration
        lifecycle = ServerLifecycle(grace: configuration.shutdownTimeout)
        publisher = try RoutePublisher(router, configuration)
    }

    /// Stops a server that is serving, in the background: the last reference may be released anywhere, also on one of
    /// the server's own threads.
    deinit {
        guard let drain = lifecycle.requestStop() else { return }
        publisher.log.report(
            .warning, "the server was released while it was serving, and stops: keep a reference to it")
        Closing(drain: drain, lifecycle: lifecycle, publisher: publisher).startOnAnotherThread()
    }

    /// Starts to listen and serve on the server's own threads, and returns once all of them accept connections.
    ///
    /// - Throws: `ServerError.invalidConfiguration` if a value of the configuration is out of range, which is checked
    ///   first; `alreadyStarted` if the server is starting or serving; `stopped` if it was stopped, even during this
    ///   call. Any other error undoes the attempt, and the server can be started again.
    ///
    /// If a reactor fails later, that is logged, and the server drains as after `stop()`, which must still be called.
    /// If a reactor fails before this returns, `reactorFailed` is thrown, and the server can't be started again.
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
            Closing(drain: drain, lifecycle: lifecycle, publisher: publisher).run()
            throw lifecycle.failure.map { .reactorFailed($0) } ?? .stopped
        }
    }

    private func startReactors() throws(ServerError) -> ReactorGroup {
        ReactorGroup.prepareDescriptors(for: configuration.reactors)
        try publisher.start(clock: .system)
        do throws(ServerError) {
            var reactors = configuration.reactors
            reactors.owner = ObjectIdentifier(lifecycle)
            reactors.connections.log = publisher.log
            return try ReactorGroup(
                configuration: reactors, makeApplications: publisher.makeApplications,
                whenReactorFails: { [lifecycle, configuration, log = publisher.log] error in
                    let drain = lifecycle.reactorFailed(error)
                    log.report(.critical, "a reactor failed, and the server stops", error: error)
                    guard let drain else { return }
                    drain.group.requestStop(deadlineMilliseconds: configuration.shutdownTimeout.milliseconds)
                })
        } catch {
            publisher.stop(deadline: nil)
            throw error
        }
    }

    /// What reactors need to serve this server's routes.
    package struct Service: Sendable {
        /// Creates the application of a reactor. It serves the server's routes, not those of a listener.
        package let makeApplication: @Sendable () -> any Application
        package let connections: ConnectionConfiguration
        /// Must be called after the reactors have ended.
        package let stop: @Sendable () -> Void
    }

    /// Returns what reactors outside this server need to serve its routes, with a clock of their own.
    package func makeService(clock: ServerClock = .system) throws(ServerError) -> Service {
        try configuration.validate()
        let publisher = publisher
        var connections = configuration.reactors.connections
        connections.log = publisher.log
        try publisher.start(clock: clock)
        return Service(
            makeApplication: { publisher.makeServerApplication() }, connections: connections,
            stop: { publisher.stop(deadline: nil) })
    }

    /// The addresses that the server listens on, in the order of `ServerConfiguration.listeners`. In place of port 0
    /// they have the port that the system chose. Empty before the server serves and after it has stopped.
    public var addresses: [ListenerAddress] { lifecycle.group?.addresses ?? [] }

    /// The first TCP address that the server listens on, with the port that the system chose in place of 0. Nil if
    /// there is none, before the server serves, and after it has stopped.
    public var address: SocketAddress? {
        for case .tcp(let address) in addresses { return address }
        return nil
    }

    /// The first TCP port that the server listens on. Nil if there is none, before the server serves, and after it has
    /// stopped.
    public var port: Int? { address?.port }

    /// The kernel interface in use. Nil before the server serves and after it has stopped.
    public var driver: DriverKind? { lifecycle.group?.driver }

    /// The error because of which the server uses epoll instead of io_uring, or nil.
    public var fallbackReason: SystemError? { lifecycle.group?.fallbackReason }

    /// The counters of each reactor; after the server has stopped, their last values. Empty before the server serves.
    public var statistics: [ReactorStatisticsSnapshot] { lifecycle.statistics }

    /// Stops the server: closes the listeners, lets requests in progress finish, and closes the remaining connections
    /// after `shutdownTimeout`. Responses to requests that begin meanwhile have `Connection: close`. Returns when
    /// everything is closed, also if another thread called this first.
    ///
    /// On one of the server's own threads, such as a handler's, it returns at once instead of waiting for itself. The
    /// handler's response is sent, and the server then stops.
    ///
    /// After this, a server that was never started can't be: `start()` throws `stopped`, and `run()` returns at once.
    ///
    /// If a handler awaits code on another thread, such as an actor's, that calls `stop()`, the two wait for each other
    /// until `shutdownTimeout`.
    ///
    /// A blocking handler that is still running after `shutdownTimeout` can't be interrupted: it runs on, and its
    /// response is dropped.
    public func stop() {
        let isOwnThread = ThreadOwner.isCurrent(lifecycle) || publisher.isRunningOnThisThread
        let closing = lifecycle.requestStop().map { Closing(drain: $0, lifecycle: lifecycle, publisher: publisher) }
        switch (closing, isOwnThread) {
        case (let closing?, false): closing.run()
        case (let closing?, true): closing.startOnAnotherThread()
        case (nil, false): lifecycle.wait(for: .stopped)
        case (nil, true): break
        }
    }
}

/// The work that is left when a server stops, for the one thread that received `drain`. It does not need the server,
/// which may have been released.
private struct Closing: Sendable {
    let drain: ServerLifecycle.Drain
    let lifecycle: ServerLifecycle
    let publisher: RoutePublisher

    /// Drains and closes the server.
    func run() {
        let left = max(.zero, drain.deadline - .now)
        drain.group.requestStop(deadlineMilliseconds: left.milliseconds)
        _ = drain.group.join()
        lifecycle.reactorsEnded()
        publisher.stop(deadline: drain.deadline)
        lifecycle.didClose()
    }

    /// Does the same without waiting for it.
    func startOnAnotherThread() {
        do throws(SystemError) {
            _ = try Thread(named: "hs-stop") { run() }
        } catch {
            // A thread of the runtime exists already. It is occupied for as long as the server takes to stop.
            Task.detached { run() }
        }
    }
}
