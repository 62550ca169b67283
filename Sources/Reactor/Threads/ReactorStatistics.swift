import Synchronization

/// Counters of one reactor. It alone writes them, with relaxed stores; others read values that may be a turn old.
final class ReactorStatistics: Sendable {
    private let openConnections = Atomic<Int>(0)
    private let acceptedConnections = Atomic<Int>(0)
    private let shedConnections = Atomic<Int>(0)
    private let requestsBegun = Atomic<Int>(0)
    private let connectionSlots = Atomic<Int>(0)
    private let receiveBuffers = Atomic<Int>(0)
    private let deadlines = Atomic<Int>(0)

    /// What a turn leaves behind.
    func publish(connections: Int, requests: Int) {
        openConnections.store(connections, ordering: .relaxed)
        requestsBegun.store(requests, ordering: .relaxed)
    }

    /// What a turn leaves in use; none of it belongs to a reactor without connections.
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

/// What one reactor has done so far.
public struct ReactorStatisticsSnapshot: Sendable {
    public var openConnections = 0
    public var acceptedConnections = 0
    /// Closed before anything was read from them: the process was out of descriptors, more were being refused than
    /// there is room for, or the client had reset the connection.
    public var shedConnections = 0
    public var requests = 0
    /// Places in the table of connections that are taken. 0 once the server has stopped, as with the two below:
    /// anything else is a leak.
    public var connectionSlots = 0
    /// Buffers that received bytes and were not given back at the end of the turn.
    public var receiveBuffers = 0
    /// Connections that will be closed, or told so, unless something happens in time.
    public var deadlines = 0

    /// Those of a reactor that has done nothing.
    public init() {}
}
