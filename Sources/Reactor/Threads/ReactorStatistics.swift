import Synchronization

/// The counters of one reactor. Only the reactor writes them, with relaxed stores; other threads read values that may
/// be a turn old.
final class ReactorStatistics: Sendable {
    private let openConnections = Atomic<Int>(0)
    private let acceptedConnections = Atomic<Int>(0)
    private let shedConnections = Atomic<Int>(0)
    private let requestsBegun = Atomic<Int>(0)
    private let connectionSlots = Atomic<Int>(0)
    private let receiveBuffers = Atomic<Int>(0)
    private let deadlines = Atomic<Int>(0)

    /// Publishes the counts at the end of a turn.
    func publish(connections: Int, requests: Int) {
        openConnections.store(connections, ordering: .relaxed)
        requestsBegun.store(requests, ordering: .relaxed)
    }

    /// Publishes the resources in use at the end of a turn. All are 0 for a reactor without connections.
    func publish(connectionSlots: Int, receiveBuffers: Int, deadlines: Int) {
        self.connectionSlots.store(connectionSlots, ordering: .relaxed)
        self.receiveBuffers.store(receiveBuffers, ordering: .relaxed)
        self.deadlines.store(deadlines, ordering: .relaxed)
    }

    func addAccepted() { add(1, to: acceptedConnections) }
    func addShed() { add(1, to: shedConnections) }

    /// A copy of the counters.
    var snapshot: ReactorStatisticsSnapshot {
        var copy = ReactorStatisticsSnapshot()
        copy.openConnections = openConnections.load(ordering: .relaxed)
        copy.acceptedConnections = acceptedConnections.load(ordering: .relaxed)
        copy.shedConnections = shedConnections.load(ordering: .relaxed)
        copy.requests = requestsBegun.load(ordering: .relaxed)
        copy.connectionSlots = connectionSlots.load(ordering: .relaxed)
        copy.receiveBuffers = receiveBuffers.load(ordering: .relaxed)
        copy.deadlines = deadlines.load(ordering: .relaxed)
        return copy
    }

    /// A single writer needs no read-modify-write.
    private func add(_ amount: Int, to counter: borrowing Atomic<Int>) {
        counter.store(counter.load(ordering: .relaxed) + amount, ordering: .relaxed)
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
