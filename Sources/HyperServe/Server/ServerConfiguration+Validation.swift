public import Reactor
import ThreadPool

extension ServerConfiguration {
    /// Maximum number of reactor threads.
    static let maximumThreads = 1024
    /// Largest offset into a head.
    private static let maximumOffset = Int(Int32.max)
    /// Maximum capacity of the pool's queue, which is allocated at the start: 64 bytes for each request.
    private static let maximumQueue = 1 << 20

    /// Checks that every value is within its range; `Server.start()` does so first. A duration or number without a
    /// documented maximum may be as large as its type allows, which means no limit.
    ///
    /// - Throws: `ServerError.invalidConfiguration`, which names the first value that is out of range, and the range.
    public func validate() throws(ServerError) {
        if let problem = listeningProblem ?? numberProblem ?? durationProblem { throw .invalidConfiguration(problem) }
    }

    private var numberProblem: String? {
        for (name, value, least, most) in [
            ("threads", threads, 1, Self.maximumThreads),
            ("maximumBodyByteCount", maximumBodyByteCount, 0, nil),
            ("maximumHeadByteCount", maximumHeadByteCount, 1, Self.maximumOffset),
            ("maximumHeaderCount", maximumHeaderCount, 1, nil),
            ("maximumTargetByteCount", maximumTargetByteCount, 1, Self.maximumOffset),
            ("maximumConnections", maximumConnections, 1, nil),
            ("maximumConnectionsPerAddress", maximumConnectionsPerAddress, 1, nil),
            ("maximumRequestsPerConnection", maximumRequestsPerConnection, 1, nil),
            ("maximumPipelinedByteCount", maximumPipelinedByteCount, 0, nil),
            ("minimumTransferRate", minimumTransferRate, 1, nil),
            ("blockingThreads.lowerBound", blockingThreads.lowerBound, 1, ThreadPool.Configuration.maximumThreadCount),
            ("blockingThreads.upperBound", blockingThreads.upperBound, 1, ThreadPool.Configuration.maximumThreadCount),
            ("maximumBlockingQueue", maximumBlockingQueue, 1, Self.maximumQueue),
            (
                "maximumWaitingBlockingThreads", maximumWaitingBlockingThreads, 0,
                ThreadPool.Configuration.maximumWaitingThreadCount
            ),
            ("maximumUnsentByteCount", maximumUnsentByteCount, 1, nil),
        ] as [(String, Int, Int, Int?)] {
            if let problem = OutOfRange.problem(name, value, atLeast: least, atMost: most) { return problem }
        }
        return nil
    }

    private var listeningProblem: String? {
        guard !listeners.isEmpty else { return BindAddress.tcp(host: host, port: port).problem }
        for (position, listener) in listeners.enumerated() {
            if let problem = listener.address.problem { return "listeners[\(position)].\(problem)" }
            // The system chooses a different port for each of these.
            if case .tcp(_, port: 0) = listener.address { continue }
            if let first = listeners[..<position].firstIndex(where: { $0.address.clashes(with: listener.address) }) {
                return "listeners[\(position)] is at the same address as listeners[\(first)]"
            }
        }
        return nil
    }

    private var durationProblem: String? {
        for (name, value, mayBeZero) in [
            ("handlerTimeout", handlerTimeout, false), ("idleTimeout", idleTimeout, false),
            ("headTimeout", headTimeout, false), ("transferGrace", transferGrace, false),
            ("maximumBlockingWait", maximumBlockingWait, false), ("drainDelay", drainDelay, true),
            ("shutdownTimeout", shutdownTimeout, true), ("tcpKeepAlive", tcpKeepAlive, true),
        ] {
            if let problem = OutOfRange.problem(name, value, mayBeZero: mayBeZero) { return problem }
        }
        return nil
    }
}

extension BindAddress {
    /// Whether a server can't listen on both, because they are the same address.
    fileprivate func clashes(with other: BindAddress) -> Bool {
        if case .unix(let path, _) = self, case .unix(let otherPath, _) = other { return path == otherPath }
        return self == other
    }

    /// A description of the first invalid value, or nil.
    fileprivate var problem: String? {
        switch self {
        case .tcp(let host, let port):
            // To the system it would mean every address of the machine, which an unset variable must not choose.
            if host.isEmpty {
                return "host is empty; \"0.0.0.0\" is every IPv4 address of the machine, \"::\" every address"
            }
            // The system would ignore the zero byte and everything after it.
            if host.utf8.contains(0) { return "host contains a zero byte" }
            return OutOfRange.problem("port", port, atLeast: 0, atMost: 65_535)
        case .unix(let path, let mode):
            if path.isEmpty || path == "@" { return "path is empty" }
            if path.utf8.contains(0) { return "path contains a zero byte" }
            let most = UnixSocketName.maximumByteCount
            if path.utf8.count > most { return "path has \(path.utf8.count) bytes; it has at most \(most)" }
            return mode <= 0o777 ? nil : "mode is 0o\(String(mode, radix: 8)); it is at most 0o777"
        case .inherited(let descriptor):
            return OutOfRange.problem("descriptor", Int(descriptor), atLeast: 0)
        }
    }
}
