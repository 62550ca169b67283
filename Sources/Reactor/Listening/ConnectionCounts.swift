import Platform
import Synchronization

/// The number of connections of a server, in total and of each client. All reactors of a server share one, so that its
/// limits are those of the server, however the kernel spreads connections over the reactors.
///
/// A client is an IPv4 address, or an IPv6 /64: a host with one address of such a network can use all of them.
///
/// Order       The total rises by compare-and-swap from a value below the limit, and the count of a client under a
///             lock, so neither is ever above its limit. A connection that exceeds its client's limit counts in the
///             total for a moment; another one at that moment may be refused although there is room.
/// Complexity  A connection takes one lock when it is accepted and one when it is closed, each for one look-up. The
///             clients are spread over 64 locks; all connections of one client share one.
/// Memory      A client has an entry while it has a connection, so the entries are bounded by the connections.
package final class ConnectionCounts: Sendable {
    private static let shardBits = 6

    // Relaxed everywhere: the number is all that is shared, and no other memory is read because of it.
    private let counted = Atomic<Int>(0)
    /// When it was last reported that connections are turned away, in nanoseconds.
    private let shedReported = Atomic<Int64>(.min)
    private let shards = (0..<1 << shardBits).map { _ in Locked<[ClientKey: Int]>([:]) }

    package init() {}

    /// The number of counted connections of all clients.
    var total: Int { counted.load(ordering: .relaxed) }

    /// The number of clients that have a connection. For tests: locks one shard after the other.
    var clientCount: Int { shards.reduce(0) { $0 + $1.withLock(\.count) } }

    /// Counts a connection, unless there are `maximum` already, or `maximumPerClient` of this client. Returns whether
    /// it was counted; then `remove` must be called once.
    func add(_ client: ClientKey, maximum: Int, maximumPerClient: Int) -> Bool {
        guard raiseTotal(to: maximum) else { return false }
        let isAdded = shard(of: client).withLock { counts in
            let count = counts[client, default: 0]
            guard count < maximumPerClient else { return false }
            counts[client] = count + 1
            return true
        }
        if !isAdded { counted.subtract(1, ordering: .relaxed) }
        return isAdded
    }

    /// Removes a connection that was counted.
    func remove(_ client: ClientKey) {
        shard(of: client).withLock { counts in
            guard let count = counts[client] else { return }
            counts[client] = count > 1 ? count - 1 : nil
        }
        // Last: while it is in the total, its client's entry may still be there.
        counted.subtract(1, ordering: .relaxed)
    }

    /// Returns whether the caller is to report now that connections are turned away: one of the reactors does, at most
    /// once in `interval` nanoseconds.
    func mayReportShed(now: Int64, interval: Int64) -> Bool {
        let last = shedReported.load(ordering: .relaxed)
        guard last == .min || now - last >= interval else { return false }
        return shedReported.compareExchange(expected: last, desired: now, ordering: .relaxed).exchanged
    }

    private func raiseTotal(to maximum: Int) -> Bool {
        var count = counted.load(ordering: .relaxed)
        while count < maximum {
            let (exchanged, original) = counted.weakCompareExchange(
                expected: count, desired: count + 1, ordering: .relaxed)
            if exchanged { return true }
            count = original
        }
        return false
    }

    /// The upper bits of a product, in which all bits of the prefix take part (Fibonacci hashing).
    private func shard(of client: ClientKey) -> Locked<[ClientKey: Int]> {
        let hash = UInt64(bigEndian: client.prefix) &* 0x9E37_79B9_7F4A_7C15
        return shards[Int(truncatingIfNeeded: hash >> (64 - UInt64(Self.shardBits)))]
    }
}
