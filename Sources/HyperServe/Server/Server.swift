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
/// `run()` serves until the process receives SIGINT or SIGTERM; in async code it suspends its task instead of blocking
/// the thread, and ends with the task. Programs that have other things to do use `start()` and `stop()`. A server
/// serves once: after it has stopped, it can't be started again. All of these functions may be called from any thread,
/// in any order.
///
/// Keep a reference to a server that you start. When the last reference to it is released, it stops as with `stop()`:
/// it drains in the background, on a thread of its own, and the log reports it. A handler that refers to its server
/// does so with `weak`; otherwise the two keep each other in memory, and only `stop()` ends the server.
public final class Server: Sendable {
    /// The configuration that was passed to `init`.
    public let configuration: ServerConfiguration
    let publisher: RoutePublisher
    let lifecycle: ServerLifecycle
    let closing: Closing

    /// Creates a server for the routes of `router` and of `ServerConfiguration.listeners`. `start()` validates the
    /// configuration.
    ///
    /// - Throws: `RouteError` if a route is malformed, if two routes of a router match the same paths, or if a
    ///   middleware was created with invalid values.
    public init(router: Router, configuration: ServerConfiguration = .init()) throws(RouteError) {
        // If a standard stream is closed, a socket could get its number, and output to the stream would go to a client.
        StandardDescriptors.fill()
        self.configuration = configuration
        lifecycle = ServerLifecycle(grace: configuration.shutdownTimeout, drainDelay: configuration.drainDelay)
        publisher = try RoutePublisher(router, configuration, lifecycle)
        closing = Closing(configuration: configuration, lifecycle: lifecycle, publisher: publisher)
    }

    /// Stops a server that is serving, in the background: the last reference may be released anywhere, also on one of
    /// the server's own threads.
    deinit {
        guard let group = lifecycle.requestStop() else { return }
        publisher.log.report(
            .warning, "the server was released while it was serving, and stops: keep a reference to it")
        closing.startOnAnotherThread(group)
    }

    /// Starts to listen and serve on the server's own threads, and returns once all of them accept connections.
    ///
    /// First it calls `ServerConfiguration.onStart`, then it starts the services, then it listens. It blocks meanwhile;
    /// in async code, `try await server.start()` does not.
    ///
    /// - Throws: `ServerError.invalidConfiguration` if a value of the configuration is out of range, which is checked
    ///   first; `alreadyStarted` if the server is starting or serving; `stopped` if it was stopped, even during this
    ///   call. Any other error undoes the attempt, and the server can be started again.
    ///
    /// If a reactor fails later, that is logged, and the server drains as after `stop()`, which must still be called.
    /// If a service ends later, the server stops in the background. If a reactor fails or a service ends before this
    /// returns, that is thrown, and the server can't be started again.
    public func start() throws(ServerError) {
        try start { 0 }
    }

    /// Starts the server. When `signalCount` becomes 1 before it listens, the start is given up, and when it becomes 2,
    /// without waiting for `onStart`. If the server stops before this returns, 2 signals close it at once.
    ///
    /// `whenBegun` is called if the server is neither starting nor serving already.
    func start(_ signalCount: () -> UInt32, whenBegun: () -> Void = {}) throws(ServerError) {
        try configuration.validate()
        let attempt = try lifecycle.beginStart()
        whenBegun()
        // This thread runs code of the program, such as the log, and can't wait for itself there.
        try ThreadOwner.mark(ObjectIdentifier(lifecycle)) { () throws(ServerError) in
            try start(attempt, signalCount)
        }
    }

    private func start(_ attempt: Int, _ signalCount: () -> UInt32) throws(ServerError) {
        let group: ReactorGroup
        do throws(ServerError) {
            if lifecycle.isStartGivenUp { throw .stopped }
            ReactorGroup.prepareDescriptors(for: configuration.reactors)
            // `onStart` and the services may use it.
            publisher.blockingPool.open()
            try callStartHook(signalCount)
            closing.services.start(configuration.services, lifecycle, attempt: attempt, log: publisher.log) {
                [closing] in closing.begin(ofAttempt: attempt)
            }
            group = try startReactors()
        } catch {
            let deadline = configuration.shutdownTimeout.deadline
            closing.services.end(log: publisher.log) { signalCount() > 1 ? .now : deadline }
            publisher.blockingPool.stop(deadline: signalCount() > 1 ? .now : deadline)
            lifecycle.startFailed()
            throw error
        }
        if let group = lifecycle.didStart(group) {
            // On another thread: this one waits for signals.
            closing.startOnAnotherThread(group)
            closing.waitUntilStopped(signalCount)
            throw lifecycle.failure ?? .stopped
        }
    }

    private func callStartHook(_ signalCount: () -> UInt32) throws(ServerError) {
        guard let onStart = configuration.onStart else { return }
        let hook = ProgramTask(of: lifecycle, onStart)
        // Without a limit: the program knows how long its preparations may take.
        hook.wait(deadline: { nil }, or: { signalCount() > 0 || lifecycle.isStartGivenUp })
        guard hook.result == nil || lifecycle.isStartGivenUp else {
            if case .failure(let error) = hook.result { throw .onStartFailed(ServerError.Cause(error)) }
            return
        }
        // While it is starting, this only prevents it from serving.
        _ = lifecycle.requestStop()
        hook.cancel()
        let deadline = configuration.shutdownTimeout.deadline
        hook.wait(deadline: { signalCount() > 1 ? .now : deadline })
        if hook.result == nil {
            publisher.log.report(.warning, "onStart has not returned within the time for stopping, and is left alone")
        }
        throw .stopped
    }

    private func startReactors() throws(ServerError) -> ReactorGroup {
        try publisher.start(clock: .system)
        do throws(ServerError) {
            var reactors = configuration.reactors
            reactors.owner = ObjectIdentifier(lifecycle)
            reactors.connections.log = publisher.log
            return try ReactorGroup(
                configuration: reactors, makeApplications: publisher.makeApplications,
                whenReactorFails: { [lifecycle, log = publisher.log] error in
                    let group = lifecycle.reactorFailed(error)
                    log.report(.critical, "a reactor failed, and the server stops", error: error)
                    group?.requestStop(deadlineMilliseconds: max(.zero, lifecycle.deadline - .now).milliseconds)
                })
        } catch {
            // The pool ends after the services, which may run closures on it.
            publisher.endServing()
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
}
