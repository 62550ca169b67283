package import Platform

/// The counts of a reactor.
package enum ReactorCount: Int, CaseIterable, Sendable {
    case openConnections, acceptedConnections, shedConnections, requests
    case connectionSlots, receiveBuffers, deadlines
}

extension Counters.Writer where Kind == ReactorCount {
    /// Publishes the state at the end of a turn.
    func publish(connections: Int, requests: Int, connectionSlots: Int, receiveBuffers: Int, deadlines: Int) {
        store(connections, in: .openConnections)
        store(requests, in: .requests)
        store(connectionSlots, in: .connectionSlots)
        store(receiveBuffers, in: .receiveBuffers)
        store(deadlines, in: .deadlines)
    }
}

extension Counters where Kind == ReactorCount {
    /// The counts of each reactor; those that change with every turn may be a turn old.
    package var snapshots: [ReactorStatisticsSnapshot] { (0..<writerCount).map { snapshot(ofReactor: $0) } }

    func snapshot(ofReactor index: Int) -> ReactorStatisticsSnapshot {
        func count(_ kind: ReactorCount) -> Int { Int(truncatingIfNeeded: value(of: kind, by: index)) }
        var copy = ReactorStatisticsSnapshot()
        copy.openConnections = count(.openConnections)
        copy.acceptedConnections = count(.acceptedConnections)
        copy.shedConnections = count(.shedConnections)
        copy.requests = count(.requests)
        copy.connectionSlots = count(.connectionSlots)
        copy.receiveBuffers = count(.receiveBuffers)
        copy.deadlines = count(.deadlines)
        return copy
    }
}

/// The statistics of one reactor.
public struct ReactorStatisticsSnapshot: Sendable {
    public var openConnections = 0
    public var acceptedConnections = 0
    /// Connections that were closed before anything was read from them: the process was out of descriptors, too many
    /// were being refused at once, or the client had reset the connection.
    public var shedConnections = 0
    public var requests = 0
    /// Slots in use in the table of connections. Like the two below, 0 once the server has stopped: any other value is
    /// a leak.
    public var connectionSlots = 0
    /// Receive buffers that were not returned by the end of the turn.
    public var receiveBuffers = 0
    /// Connections with a deadline.
    public var deadlines = 0

    /// Creates the statistics of a reactor that has done nothing.
    public init() {}
}
