import Platform
public import Reactor
import ThreadPool

/// Where and how a server listens, and what it allows its clients.
///
/// A value that is out of range is reported by `Server.start()`, see `validate()`. Where no greatest value is named,
/// very large ones are no limit.
public struct ServerConfiguration: Sendable {
    /// The address to listen on: in numbers, or a name. "0.0.0.0" is every IPv4 address of the machine, "::" every
    /// address. Not used if there are `listeners`.
    public var host: String
    /// The TCP port, 0 to 65,535. 0 takes a free one: see `Server.address`. Not used if there are `listeners`.
    public var port: Int
    /// Where to listen, instead of at `host` and `port`: as many TCP ports, Unix sockets and inherited sockets as there
    /// are, each with the server's routes or with its own. Limits are those of the server, of all listeners together.
    public var listeners: [Listener] = []
    /// Reactor threads, 1 to 1,024. By default as many as the process may use processors.
    public var threads: Int
    /// The kernel interface, or nil for io_uring where it works and epoll elsewhere.
    public var driver: DriverKind?
    /// Bytes of a request's body; longer ones are answered with 413.
    public var maximumBodyByteCount = 1024 * 1024
    /// Bytes of a request's head, from the method to the empty line; longer ones are answered with 431. At least 1, and
    /// below 2 GiB.
    public var maximumHeadByteCount = 16 * 1024
    /// Field lines of a request, at least 1; more are answered with 431.
    public var maximumHeaderCount = 100
    /// Bytes of a request target; longer ones are answered with 414. At least 1, and below 2 GiB.
    public var maximumTargetByteCount = 8 * 1024
    /// Whether a request may have a Host field with an empty value; otherwise it is refused with 400.
    public var allowsEmptyHost = false
    /// Connections at a time, of all reactors together, at least 1; further ones are refused with 503.
    ///
    /// Connections leave some of the files that the process may have open (`ulimit -n`) to the rest of the program: a
    /// sixteenth, 16 to 1,024, but no more than a quarter. When only those are left, new connections are closed at
    /// once, and the log says so. If no others are left when the server starts, `Server.start()` throws
    /// `ServerError.tooFewDescriptors`.
    public var maximumConnections = 65_536
    /// Connections at a time from one IPv4 address or IPv6 /64, of all reactors together, at least 1; further ones are
    /// refused with 503. Behind a proxy all connections come from one address. It does not apply to Unix sockets, whose
    /// clients have no address: only `maximumConnections` limits them.
    public var maximumConnectionsPerAddress = 16_384
    /// Requests on one connection, at least 1; the last answer says `Connection: close`.
    public var maximumRequestsPerConnection = 1_000_000
    /// Received bytes of pipelined requests that wait for those before them; at the limit the server stops receiving.
    /// One head is received in any case.
    public var maximumPipelinedByteCount = 64 * 1024
    /// How long an async or blocking handler may take, the wait for a thread included; slower ones are answered for
    /// with 503, and the task of an async one is cancelled. Longer than zero. Of a route's own: see `Timeout`.
    public var handlerTimeout: Duration = .seconds(60)
    /// How long a connection may wait for its next request; longer than zero.
    public var idleTimeout: Duration = .seconds(60)
    /// How long a head may take from its first byte; slower ones are answered with 408. Longer than zero.
    public var headTimeout: Duration = .seconds(10)
    /// How long a body, or a client that takes its answer, may pause before `minimumTransferRate` is asked for; longer
    /// than zero. Whoever was fast before may pause for twice the time.
    ///
    /// A client takes its answer when its system acknowledges it. A client whose receive buffer is full seems to pause
    /// until it has read a good part of it, a sixteenth on Linux, so the grace must cover the time which that takes at
    /// the slowest rate that is to be served. The system of this server may have megabytes to send as well: so before
    /// a slow reader is cut off, it has another grace in which to acknowledge some of those at the minimum rate.
    public var transferGrace: Duration = .seconds(10)
    /// Bytes a second with which a body must come, and an answer be taken, after the grace; at least 1. Slower bodies
    /// are answered with 408, slower readers are cut off.
    public var minimumTransferRate = 500
    /// Threads for blocking handlers: the fewest that are there, and the most that come when jobs wait. They exist only
    /// if a route is `.blocking`. Within 1 to 1,024; by default from as many as there are processors to four times as
    /// many.
    public var blockingThreads: ClosedRange<Int>
    /// Requests that may wait for one of those threads, 1 to 1,048,576; more are answered with 503.
    public var maximumBlockingQueue = 1024
    /// How long a client may be silent before the system asks whether it is still there (TCP keep-alive), in whole
    /// seconds. Zero turns it off.
    ///
    /// One that is gone without a word, because its machine or the network failed, is noticed after about twice the
    /// time if the server waits for it, and after two to three times the time if a response is produced that the system
    /// has bytes of to send; then its connection is closed. It takes some minutes if the client had read nothing for
    /// long before it was gone. One that is there and reads nothing is not gone: it has the time that `transferGrace`
    /// gives it, which also ends a response that is all there and that nobody acknowledges.
    public var tcpKeepAlive: Duration = .seconds(15)
    /// How long a stopping server waits for requests under way before it closes their connections.
    public var shutdownTimeout: Duration = .seconds(10)
    /// How clients are told of the errors that handlers throw.
    public var errorFormat = ErrorFormat.text

    /// Gets a line for each request that was refused, each error that a handler threw, and each reactor that the system
    /// refuses to serve, and one every ten seconds while connections are turned away because the process may not open
    /// more files, or the system lacks something. Called on a reactor's or the pool's thread, which waits for it.
    /// Refusals are reported a few times a second at most.
    ///
    /// Whatever a client had in it, the text is one line of at most 4,000 bytes: control characters, line separators
    /// and marks that turn text around are escaped as in Swift, `\n` or `\u{1B}`.
    public var log: (@Sendable (String) -> Void)? {
        // Here, once for all callers, so that none can forget it.
        didSet {
            guard let report = log else { return }
            log = { line in report(LogLine.safe(line)) }
        }
    }

    /// Creates a configuration; what is not given has its default, and all of it can be changed afterwards.
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

    /// Processors that this process may run on, at least 1.
    public static var availableProcessors: Int {
        Topology.current.processorCount
    }
}

extension ServerConfiguration {
    /// Where to listen.
    var bindAddresses: [BindAddress] {
        listeners.isEmpty ? [.tcp(host: host, port: port)] : listeners.map(\.address)
    }

    /// What the reactors are told.
    var reactors: ReactorGroupConfiguration {
        var group = ReactorGroupConfiguration()
        group.addresses = bindAddresses
        group.threadCount = threads
        group.driver = driver
        group.connections.keepAliveSeconds = keepAliveSeconds
        group.connections.headLimits.maximumHeadByteCount = maximumHeadByteCount
        group.connections.headLimits.maximumFieldCount = maximumHeaderCount
        group.connections.headLimits.maximumTargetByteCount = maximumTargetByteCount
        group.connections.headLimits.allowsEmptyHost = allowsEmptyHost
        group.connections.log = log
        group.connections.maximumConnections = maximumConnections
        group.connections.maximumConnectionsPerAddress = maximumConnectionsPerAddress
        group.connections.maximumRequestsPerConnection = maximumRequestsPerConnection
        // A connection that may not receive the rest of a head would wait for it in vain.
        group.connections.inputHighWaterByteCount = max(maximumPipelinedByteCount, maximumHeadByteCount)
        group.connections.handlerTimeoutMilliseconds = handlerTimeout.milliseconds
        group.connections.idleTimeoutMilliseconds = idleTimeout.milliseconds
        group.connections.headTimeoutMilliseconds = headTimeout.milliseconds
        group.connections.transferGraceMilliseconds = transferGrace.milliseconds
        group.connections.minimumTransferRate = minimumTransferRate
        return group
    }

    /// Rounded up. The kernel knows 1 to 32,767 seconds; 0 is for never.
    var keepAliveSeconds: Int32 {
        let (seconds, rest) = tcpKeepAlive.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        return Int32(clamping: min(max(seconds + (rest > 0 ? 1 : 0), 0), 32_767))
    }
}
