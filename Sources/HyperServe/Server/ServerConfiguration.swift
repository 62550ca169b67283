import Platform
public import Reactor
import ThreadPool

/// The addresses, threads, limits and timeouts of a server.
///
/// `Server.start()` reports a value that is out of range; see `validate()`. Where no maximum is documented, a very
/// large value means no limit.
public struct ServerConfiguration: Sendable {
    /// The address to listen on, numeric or as a name. "0.0.0.0" is every IPv4 address of the machine, "::" every
    /// address. Ignored if there are `listeners`.
    public var host: String
    /// The TCP port, 0 to 65,535. With 0 the system chooses a free one; see `Server.address`. Ignored if there are
    /// `listeners`.
    public var port: Int
    /// The addresses to listen on instead of `host` and `port`: any number of TCP ports, Unix sockets and inherited
    /// sockets, each with the server's routes or with its own. Limits apply to all listeners together.
    public var listeners: [Listener] = []
    /// Number of reactor threads, 1 to 1,024. The default is `availableProcessors`: one for each processor that the
    /// process may run on, or fewer if the processor quota of its control group (as of a container) amounts to fewer.
    public var threads: Int
    /// The kernel interface, or nil for io_uring where it works and epoll otherwise.
    public var driver: DriverKind?
    /// Maximum size of a request body, in bytes; a longer one gets 413.
    public var maximumBodyByteCount = 1024 * 1024
    /// Maximum size of a request head, in bytes, from the method to the empty line; a longer one gets 431. At least 1,
    /// and below 2 GiB.
    public var maximumHeadByteCount = 16 * 1024
    /// Maximum number of field lines in a request, at least 1; more get 431.
    public var maximumHeaderCount = 100
    /// Maximum size of a request target, in bytes; a longer one gets 414. At least 1, and below 2 GiB.
    public var maximumTargetByteCount = 8 * 1024
    /// Whether a request may have a Host field with an empty value. If not, it gets 400.
    public var allowsEmptyHost = false
    /// Maximum number of simultaneous connections of all reactors, at least 1; further ones get 503.
    ///
    /// Connections leave a part of the files that the process may have open (`ulimit -n`) to the rest of the program: a
    /// sixteenth, at least 16 and at most 1,024, but no more than a quarter. When only those are left, new connections
    /// are closed at once, and the log reports it. If no others are left when the server starts, `Server.start()`
    /// throws `ServerError.tooFewDescriptors`.
    public var maximumConnections = 65_536
    /// Maximum number of simultaneous connections of all reactors from one IPv4 address or IPv6 /64, at least 1;
    /// further ones get 503. With a proxy in front of the server, all connections come from one address. It does not
    /// apply to Unix sockets, whose clients have no address: only `maximumConnections` limits them.
    public var maximumConnectionsPerAddress = 16_384
    /// Maximum number of requests on one connection, at least 1; the last response has `Connection: close`.
    public var maximumRequestsPerConnection = 1_000_000
    /// Maximum number of received bytes of pipelined requests that wait for earlier ones; at the limit the server
    /// pauses receiving. One head is received in any case.
    public var maximumPipelinedByteCount = 64 * 1024
    /// Maximum time of an async or blocking handler, including the wait for a thread; after it, the client gets 503,
    /// and the task of an async handler is cancelled. Longer than zero. `Timeout` sets it for a route.
    public var handlerTimeout: Duration = .seconds(60)
    /// Maximum time that a connection may wait for its next request; longer than zero.
    public var idleTimeout: Duration = .seconds(60)
    /// Maximum time of a head from its first byte; a slower one gets 408. Longer than zero.
    public var headTimeout: Duration = .seconds(10)
    /// How long a body, or a client that reads its response, may pause before `minimumTransferRate` applies; longer
    /// than zero. A transfer that was fast before may pause for twice this time.
    ///
    /// A response counts as read when the client's system acknowledges it. A client whose receive buffer is full seems
    /// to pause until it has read a good part of it, a sixteenth on Linux, so the grace must cover the time that this
    /// takes at the slowest rate to be served. The server's system may also hold megabytes that it has not sent: so
    /// before a slow reader is disconnected, it has another grace in which to acknowledge some of those at the minimum
    /// rate.
    public var transferGrace: Duration = .seconds(10)
    /// Minimum rate, in bytes a second, of a body and of a client that reads its response, after the grace; at least 1.
    /// A slower body gets 408, a slower reader is disconnected.
    public var minimumTransferRate = 500
    /// Maximum number of bytes of a response that wait in the process until the client has read more, at least 1. A
    /// handler that writes more waits until no more than half of it is left. So a download takes up to one and a half
    /// times as much memory, and what one `write` adds to it, besides the send buffer of its socket.
    public var maximumUnsentByteCount = 64 * 1024
    /// Minimum and maximum number of threads for blocking handlers and `Request.runBlocking(_:)`; more than the minimum
    /// start when jobs wait. They exist only if a route is `.blocking`, or after the first `runBlocking`. Within 1 to
    /// 1,024; the default is from the number of processors to four times that number.
    ///
    /// A thread that waits for a client, to read the response or to send the body, does not count: see
    /// `maximumWaitingBlockingThreads`.
    public var blockingThreads: ClosedRange<Int>
    /// Maximum number of threads beyond `blockingThreads` because others wait for a client, 0 to 65,536. When a request
    /// needs a thread and none is free, a new one takes the place of one that waits; the latter counts here until its
    /// handler has returned. When there are so many, threads that wait occupy their places among `blockingThreads`.
    ///
    /// Each takes as much address space as `ulimit -s` says, usually 8 MiB, of which only the pages that its handler
    /// has used are in memory. It counts against the limits of processes (`ulimit -u`, and `pids.max` of a control
    /// group). If the system refuses a thread, the server continues with those that it has.
    public var maximumWaitingBlockingThreads = 512
    /// Maximum number of requests that wait for one of those threads, 1 to 1,048,576; further ones get 503 with
    /// Retry-After. The log reports it once, and again only after there was room for ten times `maximumBlockingWait`.
    public var maximumBlockingQueue = 1024
    /// Maximum time that a request waits there while all threads run handlers; longer than zero. Then it gets 503 with
    /// Retry-After, at most an eighth earlier, and its handler is not called. The log reports the cause once, and again
    /// only after a thread was free and no request got this 503 for ten times as long.
    public var maximumBlockingWait: Duration = .seconds(1)
    /// How long a client may be silent before the system probes whether it can still be reached (TCP keep-alive), in
    /// whole seconds. Zero turns it off.
    ///
    /// If a client's machine or the network fails, that is noticed after about twice this time while the server waits
    /// for the client, and after two to three times this time while a response is being produced and the system has
    /// bytes of it to send; then the connection is closed. It takes some minutes if the client had read nothing for
    /// long before. A client that can be reached and reads nothing is subject to `transferGrace` instead, which also
    /// ends a complete response that nobody acknowledges.
    public var tcpKeepAlive: Duration = .seconds(15)
    /// How long the listeners of a server stay open after it was asked to stop, at least zero. During this time
    /// requests are served as usual, while `Router.readiness(_:)` responds with 503: a load balancer has it to notice,
    /// and to send no more clients. It should be longer than the interval of the balancer's checks.
    public var drainDelay: Duration = .zero
    /// How long a stopping server waits, after `drainDelay`, for requests in progress before it closes their
    /// connections, and for its services and `onStopping`.
    public var shutdownTimeout: Duration = .seconds(10)
    /// Tasks that run as long as the server serves; see `Service`.
    public var services: [Service] = []
    /// Called before the server listens and before its services start. If it throws, the server is not started:
    /// `ServerError.onStartFailed`. While it runs, `Server.stop()` and the signals of `Server.run(whenReady:)` cancel
    /// its task.
    ///
    /// It runs as a task on the threads of the Swift runtime. The thread that starts the server waits for it: the one
    /// that calls the blocking `Server.start()` or `run`, so that must not be the main thread if the hook needs the
    /// main actor. With their async forms it is a thread of the server's.
    public var onStart: (@Sendable () async throws -> Void)?
    /// Called once a server that has started is asked to stop, or a reactor or a service has failed. The listeners stay
    /// open until it returns, and for `drainDelay` at least; it is cancelled and left alone when `drainDelay` and
    /// `shutdownTimeout` are over. It runs as `onStart` does; the blocking `Server.stop()` waits for it.
    public var onStopping: (@Sendable () async -> Void)?
    /// The format of all error responses that no handler has written itself.
    public var errorFormat = ErrorFormat.text

    /// Where the server's log goes, and what an application logs through `RequestContext.logger` and `Request.logger`.
    /// By default it goes to standard error, one line for each entry. Nil turns it off.
    ///
    /// The server logs
    /// - `critical`: a reactor that failed, which stops the server;
    /// - `error`: an error that became a 500 or was mapped to a status from 500, a response that could not be sent as
    ///   the handler returned it, a streamed response that was aborted, a service that ended, a reactor that a handler
    ///   blocks when the server stops, and, every ten seconds, connections that are closed because the process may not
    ///   open more files or the system lacks a resource;
    /// - `warning`: an `HTTPError` with a status from 500, which the application has chosen, a handler that exceeded
    ///   its timeout, an error that it threw after that, too many connections, requests that get 503 because the pool
    ///   is full or starved, what a stop cuts off or leaves alone (requests, streams, services, hooks), and a server
    ///   that was released while it was serving;
    /// - `info`: a request that was rejected because of what the client sent;
    /// - `debug`: an `HTTPError`, or another error that was mapped, with a status below 500.
    ///
    /// A client that disconnects is not logged. Of each of these levels, the server writes at most 20 entries a second,
    /// since clients decide how many there are; further ones are counted, and their number is logged.
    ///
    /// Entries are written on a reactor's or the pool's thread, which waits for it; the report that a server was
    /// released on the thread that released it.
    public var log: (any LogDestination)? = StandardErrorLog()

    /// Creates a configuration with default values for everything else. All values can be changed afterwards.
    public init(
        host: String = "127.0.0.1", port: Int = 8080, threads: Int? = nil, driver: DriverKind? = nil
    ) {
        self.host = host
        self.port = port
        let processors = ServerConfiguration.availableProcessors
        self.threads = threads ?? min(processors, ServerConfiguration.maximumThreads)
        self.driver = driver
        blockingThreads = ServerConfiguration.defaultBlockingThreads(processors: processors)
    }

    static func defaultBlockingThreads(processors: Int) -> ClosedRange<Int> {
        ThreadPool.Configuration.defaultThreads(processors: processors)
    }

    /// The number of processors that this process can use at once, at least 1: those that it may run on, or fewer if
    /// the processor quota of its control group, or of one around it, amounts to fewer. The quota is rounded up to
    /// whole processors; versions 1 and 2 of control groups are supported. Determined once for the process.
    public static var availableProcessors: Int {
        Topology.defaultThreadCount
    }
}

extension ServerConfiguration {
    /// The addresses to listen on.
    var bindAddresses: [BindAddress] {
        listeners.isEmpty ? [.tcp(host: host, port: port)] : listeners.map(\.address)
    }

    /// The configuration of the reactors.
    var reactors: ReactorGroupConfiguration {
        var group = ReactorGroupConfiguration()
        group.addresses = bindAddresses
        group.threadCount = threads
        group.driver = driver
        group.connections.timeouts.keepAliveSeconds = keepAliveSeconds
        group.connections.headLimits.maximumHeadByteCount = maximumHeadByteCount
        group.connections.headLimits.maximumFieldCount = maximumHeaderCount
        group.connections.headLimits.maximumTargetByteCount = maximumTargetByteCount
        group.connections.headLimits.allowsEmptyHost = allowsEmptyHost
        group.connections.maximumConnections = maximumConnections
        group.connections.maximumConnectionsPerAddress = maximumConnectionsPerAddress
        group.connections.maximumRequestsPerConnection = maximumRequestsPerConnection
        // A head that does not fit would never be received to its end.
        group.connections.buffers.inputHighWaterByteCount = max(maximumPipelinedByteCount, maximumHeadByteCount)
        group.connections.buffers.outputHighWaterByteCount = maximumUnsentByteCount
        group.connections.timeouts.handlerMilliseconds = handlerTimeout.milliseconds
        group.connections.timeouts.idleMilliseconds = idleTimeout.milliseconds
        group.connections.timeouts.headMilliseconds = headTimeout.milliseconds
        group.connections.timeouts.transferGraceMilliseconds = transferGrace.milliseconds
        group.connections.timeouts.minimumTransferRate = minimumTransferRate
        return group
    }

    /// `tcpKeepAlive` in seconds, rounded up. The kernel accepts 1 to 32,767; 0 means never.
    var keepAliveSeconds: Int32 {
        let (seconds, rest) = tcpKeepAlive.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int32(clamping: min(max(seconds + (rest > 0 ? 1 : 0), 0), 32_767))
    }
}
