/// How a server's tables of routes have come and gone.
public struct RouteTableStatistics: Sendable, Equatable {
    /// Calls of `Server.replaceRoutes(with:)` that succeeded.
    public let replacementCount: Int
    /// Tables in memory: the one in use, and those that a reactor or a request under way has not let go of yet.
    public let liveTableCount: Int

    /// Creates statistics, to compare others with.
    public init(replacementCount: Int, liveTableCount: Int) {
        self.replacementCount = replacementCount
        self.liveTableCount = liveTableCount
    }
}
