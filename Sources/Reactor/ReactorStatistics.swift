import Synchronization

/// Counters of one reactor. It alone writes them, with relaxed stores; others read values that may be a turn old.
final class ReactorStatistics: Sendable {
    private let openConnections = Atomic<Int>(0)
    private let acceptedConnections = Atomic<Int>(0)
    private let shedConnections = Atomic<Int>(0)
    private let requestsBegun = Atomic<Int>(0)

    func publish(connections: Int, requests: Int) {
        openConnections.store(connections, ordering: .relaxed)
        requestsBegun.store(requests, ordering: .relaxed)
    }

    func addAccepted() { add(1, to: acceptedConnections) }
    func addShed() { add(1, to: shedConnections) }

    /// A copy of the counters.
    var snapshot: ReactorStatisticsSnapshot {
        ReactorStatisticsSnapshot(
            openConnections: openConnections.load(ordering: .relaxed),
            acceptedConnections: acceptedConnections.load(ordering: .relaxed),
            shedConnections: shedConnections.load(ordering: .relaxed),
            requests: requestsBegun.load(ordering: .relaxed))
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
    /// Turned away because the process was out of descriptors.
    public var shedConnections = 0
    public var requests = 0
}
