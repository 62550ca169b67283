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
        if let problem = numberProblem ?? listeningProblem ?? durationProblem { throw .invalidConfiguration(problem) }
    }

    private var numberProblem: String? {
        for (name, value, least, most) in [
            ("port", port, 0, 65_535), ("threads", threads, 1, Self.maximumThreads),
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
        // To the system it would mean every address of the machine, which nobody gets by leaving a variable unset.
        if host.isEmpty {
            return "host is empty; \"0.0.0.0\" is every IPv4 address of the machine, \"::\" every address"
        }
        // The system would only see what stands before it.
        return host.utf8.contains(0) ? "host contains a zero byte" : nil
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
