public import Reactor
import ThreadPool

extension ServerConfiguration {
    /// The most reactor threads.
    static let maximumThreads = 1024
    /// Bytes that offsets into a head can count.
    private static let maximumOffset = Int(Int32.max)
    /// Requests that may wait for a thread of the pool, at most; each takes 64 bytes from the start.
    private static let maximumQueue = 1 << 20

    /// Checks that every value is within its range; `Server.start()` does it before anything else. Durations and
    /// numbers of which it is not said otherwise may be as large as their types allow, and are no limit then.
    ///
    /// - Throws: `ServerError.invalidConfiguration`, which names the first value that is not, and its range.
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
        ] as [(String, Int, Int, Int?)] {
            if let problem = OutOfRange.problem(name, value, atLeast: least, atMost: most) { return problem }
        }
        return nil
    }

    private var listeningProblem: String? {
        guard !listeners.isEmpty else { return BindAddress.tcp(host: host, port: port).problem }
        for (position, listener) in listeners.enumerated() {
            if let problem = listener.address.problem { return "listeners[\(position)].\(problem)" }
            // Each is another port.
            if case .tcp(_, port: 0) = listener.address { continue }
            if let first = listeners[..<position].firstIndex(where: { $0.address.isSamePlace(as: listener.address) }) {
                return "listeners[\(position)] is at the same address as listeners[\(first)]"
            }
        }
        return nil
    }

    private var durationProblem: String? {
        for (name, value, mayBeZero) in [
            ("handlerTimeout", handlerTimeout, false), ("idleTimeout", idleTimeout, false),
            ("headTimeout", headTimeout, false), ("transferGrace", transferGrace, false),
            ("shutdownTimeout", shutdownTimeout, true), ("tcpKeepAlive", tcpKeepAlive, true),
        ] {
            if let problem = OutOfRange.problem(name, value, mayBeZero: mayBeZero) { return problem }
        }
        return nil
    }
}

extension BindAddress {
    /// Whether both are one place, where a server can't listen twice.
    fileprivate func isSamePlace(as other: BindAddress) -> Bool {
        if case .unix(let path, _) = self, case .unix(let otherPath, _) = other { return path == otherPath }
        return self == other
    }

    /// What is wrong with the values themselves; nil if nothing is.
    fileprivate var problem: String? {
        switch self {
        case .tcp(let host, let port):
            // To the system it would mean every address of the machine, which nobody gets by leaving a variable unset.
            if host.isEmpty {
                return "host is empty; \"0.0.0.0\" is every IPv4 address of the machine, \"::\" every address"
            }
            // The system would only see what stands before it.
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
