import Glibc
package import Platform

/// The configuration of a group of reactors.
package struct ReactorGroupConfiguration: Sendable {
    /// Where to listen.
    package var addresses = [BindAddress.tcp(host: "127.0.0.1", port: 8080)]
    /// Makes the protocol of a new connection, by the index of the address. All other addresses speak HTTP/1.1. Called
    /// on the threads of the reactors.
    package var protocols: [Int: @Sendable () -> any ConnectionProtocol] = [:]
    /// The number of reactors, each on a thread of its own.
    package var threadCount = 1
    /// The driver to use, or nil for io_uring where it works and epoll otherwise.
    package var driver: DriverKind?
    /// The number of connections per reactor that the kernel completes before they are accepted.
    package var listenBacklog: Int32 = 4096
    package var connections = ConnectionConfiguration()
    /// Creates the ring of the reactor with a number, on the reactor's thread.
    var makeRing: RingMaker = { _ throws(SystemError) in try UringDriver(configuration: DriverConfiguration()) }

    typealias RingMaker = @Sendable (_ index: Int) throws(SystemError) -> UringDriver

    /// The object that the reactors' threads are marked with; see `ThreadOwner`.
    package var owner: ObjectIdentifier?

    package init() {}

    var listenerOptions: Listener.Options {
        Listener.Options(backlog: listenBacklog, keepAliveSeconds: connections.timeouts.keepAliveSeconds)
    }
}

/// All reactors of a server. They share its addresses and its counts of connections.
package final class ReactorGroup: Sendable {
    /// The addresses that the reactors listen on, in the order of the configuration, with the ports that the kernel
    /// chose.
    package let addresses: [ListenerAddress]
    /// The driver of the reactors.
    package let driver: DriverKind
    /// Why the reactors run on epoll although io_uring is preferred; nil if nothing failed.
    package let fallbackReason: SystemError?

    /// What each reactor counts; may outlive the reactors.
    package let counters: Counters<ReactorCount>
    private let threads: [ReactorThread]
    private let socketFiles: [UnixSocketFile]

    /// Opens the listeners, starts the threads and returns once all of them serve. On failure everything is closed
    /// again.
    ///
    /// `makeApplications` is called for each reactor, and returns its application for each address.
    ///
    /// `whenReactorFails` is called on the thread of a reactor that ends because of an error while it serves, possibly
    /// before this returns. The other reactors continue until they are asked to stop.
    package init(
        configuration: ReactorGroupConfiguration, makeApplications: () -> [any Application],
        whenReactorFails: @escaping @Sendable (SystemError) -> Void = { _ in }
    ) throws(ServerError) {
        guard (1...65_536).contains(configuration.threadCount) else {
            throw .invalidConfiguration("threadCount is \(configuration.threadCount); it is from 1 to 65,536")
        }
        // The limits of connections are the server's, so all reactors count together.
        let clients = ConnectionCounts()
        let counters = Counters<ReactorCount>(writers: configuration.threadCount)
        var configuration = configuration
        configuration.connections.maximumAcceptBurst =
            configuration.threadCount * configuration.addresses.count * Int(configuration.listenBacklog)
        var created: [ReactorThread] = []
        do throws(ServerError) {
            let sources = try ReactorGroup.listen(configuration)
            addresses = sources.map(\.address)
            socketFiles = sources.compactMap(\.file)
            for index in 0..<configuration.threadCount {
                let listeners = try ReactorGroup.listeners(
                    of: sources, serving: makeApplications(), speaking: configuration.protocols)
                created.append(
                    try ReactorThread(
                        listeners: listeners, index: index, configuration: configuration, clients: clients,
                        counters: counters, whenFailed: whenReactorFails))
            }
            (driver, fallbackReason) = try ReactorGroup.setUpDrivers(of: created, configuration.driver)
            try ReactorGroup.checkRoom()
        } catch {
            for thread in created { thread.end() }
            throw error
        }
        self.counters = counters
        threads = created
        for thread in threads { thread.serve() }
    }

    /// Sets up the drivers of all reactors, all of one kind. Returns the kind, and why it is epoll if io_uring is
    /// preferred. No reactor has accepted a connection yet, so none is lost if the last ring is the one that fails.
    private static func setUpDrivers(
        of threads: [ReactorThread], _ wanted: DriverKind?
    ) throws(ServerError) -> (DriverKind, SystemError?) {
        func setUp(_ kind: DriverKind) throws(SystemError) {
            for thread in threads { try thread.setUp(kind) }
        }
        var reason: SystemError?
        if wanted != .epoll {
            do throws(SystemError) {
                try setUp(.ioUring)
                return (.ioUring, nil)
            } catch {
                guard wanted == nil else { throw ServerError(.ioUring, error) }
                reason = error
            }
        }
        do throws(SystemError) {
            try setUp(.epoll)
            return (.epoll, reason)
        } catch {
            throw ServerError(.epoll, error)
        }
    }

    /// Raises the soft limit of open files to the hard one, and enlarges the kernel's descriptor table for the maximum
    /// number of connections. Best called before the process has a second thread: the kernel doubles that table as it
    /// fills, inside `accept`, and then waits some milliseconds each time until no other thread uses the old one.
    ///
    /// First, it opens those of the descriptors 0, 1 and 2 that are closed.
    package static func prepareDescriptors(for configuration: ReactorGroupConfiguration) {
        StandardDescriptors.fill()
        let limit = DescriptorLimit.raise()
        // The table never shrinks. If the number is too high, the table grows on demand as before.
        let highest = min(limit.count, configuration.connections.maximumConnections, 65_536) - 1
        let any = DescriptorLimit.take()
        let copy = fcntl(any, F_DUPFD_CLOEXEC, Int32(highest))
        for descriptor in [any, copy] where descriptor >= 0 { _ = close(descriptor) }
    }

    /// Throws if the open files leave no descriptor that a connection may have.
    private static func checkRoom() throws(ServerError) {
        let limit = DescriptorLimit.current
        guard let lowest = limit.lowestFree, lowest > limit.highest else { return }
        throw .tooFewDescriptors(limit: limit.count, needed: DescriptorLimit.least(for: lowest))
    }

    /// Asks all reactors to stop: they accept no new connections, respond to the requests under way, and close the
    /// remaining connections after `deadlineMilliseconds`. Returns at once. Any thread may call it, any number of
    /// times.
    package func requestStop(deadlineMilliseconds: Int) {
        // At most 126 years, so that later additions don't overflow either.
        let milliseconds = min(max(0, Int64(deadlineMilliseconds)), 4_000_000_000_000)
        let deadline = Clock.nanoseconds() + milliseconds * 1_000_000
        // First: later clients find no file, and all earlier ones are accepted before the sockets close.
        for file in socketFiles { file.remove() }
        for thread in threads { thread.mailbox.requestStop(deadline: deadline) }
    }

    /// Waits until all reactors have ended, or until the deadline. Must be called once, and not from a handler. Returns
    /// the numbers of those that have not ended, because something blocks their threads, which are left alone.
    package func join(deadline: () -> ContinuousClock.Instant? = { nil }) -> [Int] {
        threads.indices.filter { !threads[$0].join(deadline: deadline) }
    }

    /// Makes every reactor refresh its applications. Any thread may call it.
    package func wake() {
        for thread in threads { thread.mailbox.wake() }
    }

    /// The counters of each reactor.
    package var statistics: [ReactorStatisticsSnapshot] { counters.snapshots }

    private static func listen(_ configuration: ReactorGroupConfiguration) throws(ServerError) -> [ListenerSource] {
        do throws(ListenError) {
            return try configuration.addresses.map { address throws(ListenError) in
                try ListenerSource(
                    address, reactorCount: configuration.threadCount, options: configuration.listenerOptions)
            }
        } catch {
            throw .cannotListen(error)
        }
    }

    /// The listeners of one reactor.
    private static func listeners(
        of sources: [ListenerSource], serving applications: [any Application],
        speaking protocols: [Int: @Sendable () -> any ConnectionProtocol]
    ) throws(ServerError) -> [ReactorListener] {
        do throws(ListenError) {
            return try sources.indices.map { index throws(ListenError) in
                ReactorListener(
                    try sources[index].next(), application: applications[index], makeProtocol: protocols[index])
            }
        } catch {
            throw .cannotListen(error)
        }
    }
}
