import Glibc
package import Platform

/// How many reactors to run, where and on what.
package struct ReactorGroupConfiguration: Sendable {
    /// Where to listen.
    package var addresses = [BindAddress.tcp(host: "127.0.0.1", port: 8080)]
    /// What makes the protocol of a new connection, by the index of the address; HTTP/1.1 is spoken at all others. It
    /// is called by any reactor's thread.
    package var protocols: [Int: @Sendable () -> any ConnectionProtocol] = [:]
    /// Reactors, each on a thread of its own.
    package var threadCount = 1
    /// The driver to use, or nil for io_uring where it works and epoll elsewhere.
    package var driver: DriverKind?
    /// Connections that the kernel completes before they are accepted, per reactor.
    package var listenBacklog: Int32 = 4096
    package var connections = ConnectionConfiguration()

    package init() {}

    var listenerOptions: Listener.Options {
        Listener.Options(backlog: listenBacklog, keepAliveSeconds: connections.timeouts.keepAliveSeconds)
    }
}

/// All reactors of a server: they share its addresses, and nothing else.
package final class ReactorGroup: Sendable {
    /// Where the reactors listen, as the configuration has them; with the ports that the kernel chose.
    package let addresses: [ListenerAddress]
    /// What the reactors run on.
    package let driver: DriverKind
    /// Why they run on epoll although io_uring would have been preferred; nil when nothing failed.
    package let fallbackReason: SystemError?

    /// What each reactor counts; may outlive the reactors.
    package let counters: Counters<ReactorCount>
    private let threads: [ReactorThread]
    private let socketFiles: [UnixSocketFile]

    /// Opens the listeners, starts the threads and returns once all of them serve. On failure nothing is left behind.
    ///
    /// `makeApplications` is called for each reactor, and returns what it serves on each address.
    ///
    /// `whenReactorFails` is called on the thread of a reactor that ends because of an error while it serves, possibly
    /// before this returns. The other reactors go on until they are asked to stop.
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
        var connections = configuration.connections
        connections.maximumAcceptBurst =
            configuration.threadCount * configuration.addresses.count * Int(configuration.listenBacklog)
        var started: [ReactorThread] = []
        do throws(ServerError) {
            let sources = try ReactorGroup.listen(configuration)
            addresses = sources.map(\.address)
            socketFiles = sources.compactMap(\.file)
            for index in 0..<configuration.threadCount {
                started.append(
                    try ReactorThread(
                        listeners: try ReactorGroup.listeners(
                            of: sources, serving: makeApplications(), speaking: configuration.protocols),
                        index: index,
                        driver: started.first?.driver ?? configuration.driver,
                        configuration: connections, clients: clients, counters: counters,
                        whenFailed: whenReactorFails))
            }
            try ReactorGroup.checkRoom(of: started)
        } catch {
            for thread in started { thread.requestStop(deadline: Clock.nanoseconds()) }
            for thread in started { _ = thread.join() }
            throw error
        }
        self.counters = counters
        threads = started
        driver = started[0].driver
        fallbackReason = started[0].fallbackReason
    }

    /// Raises the soft limit of open files to the hard one, and makes room in the kernel's table for the connections
    /// that are let in. Best before the process has a second thread: the kernel doubles that table as it fills, inside
    /// of `accept`, and then waits, for some milliseconds each time, for the other threads to let go of the old one.
    ///
    /// Before that it opens what is closed of the descriptors 0, 1 and 2.
    package static func prepareDescriptors(for configuration: ReactorGroupConfiguration) {
        StandardDescriptors.fill()
        let limit = DescriptorLimit.raise()
        // The table never shrinks again. Where the number is too high, it grows as it did.
        let highest = min(limit.count, configuration.connections.maximumConnections, 65_536) - 1
        let any = DescriptorLimit.take()
        let copy = fcntl(any, F_DUPFD_CLOEXEC, Int32(highest))
        for descriptor in [any, copy] where descriptor >= 0 { _ = close(descriptor) }
    }

    /// Throws if what is open leaves no connection a descriptor that it may have.
    private static func checkRoom(of threads: [ReactorThread]) throws(ServerError) {
        let limit = DescriptorLimit.current
        guard let lowest = limit.lowestFree else { return }
        // Connections may have come meanwhile, and have taken what there was.
        guard lowest > limit.highest, threads.allSatisfy({ $0.statistics.acceptedConnections == 0 }) else { return }
        throw .tooFewDescriptors(limit: limit.count, needed: DescriptorLimit.least(for: lowest))
    }

    /// Asks all reactors to stop: no new connections, the requests that are under way are answered, and what is left
    /// after `deadlineMilliseconds` is closed. Returns at once; any thread may call it, any number of times.
    package func requestStop(deadlineMilliseconds: Int) {
        // No more than 126 years, so that what is added to it later doesn't overflow either.
        let milliseconds = min(max(0, Int64(deadlineMilliseconds)), 4_000_000_000_000)
        let deadline = Clock.nanoseconds() + milliseconds * 1_000_000
        // First: clients that connect from now on find no file, and all others are accepted before the sockets close.
        for file in socketFiles { file.remove() }
        for thread in threads { thread.requestStop(deadline: deadline) }
    }

    /// Waits until all reactors are done. To be called once, and not from a handler. Returns the first failure of a
    /// driver while it served.
    package func join() -> SystemError? {
        var failure: SystemError?
        for thread in threads { failure = thread.join() ?? failure }
        return failure
    }

    /// Whether the calling thread is one of the reactors'.
    package var isRunningOnThisThread: Bool { threads.contains(where: \.isCurrent) }

    /// Has every reactor refresh its application. Any thread.
    package func wake() {
        for thread in threads { thread.wake() }
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
