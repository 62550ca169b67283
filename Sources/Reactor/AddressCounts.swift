/// How many connections of a reactor each client has, so that one client can't take them all.
///
/// A client is an IPv4 address, or an IPv6 /64: whoever has one address of such a network has all of them.
struct AddressCounts: ~Copyable {
    private var counts: [UInt64: Int] = [:]
    /// Connections counted, of all clients.
    private(set) var total = 0

    /// Counts a connection, unless its client has `maximum` already. Returns whether it was counted.
    mutating func add(_ client: UInt64, maximum: Int) -> Bool {
        let count = counts[client, default: 0]
        guard count < maximum else { return false }
        counts[client] = count + 1
        total += 1
        return true
    }

    /// Forgets a connection that was counted.
    mutating func remove(_ client: UInt64) {
        guard let count = counts[client] else { return }
        // Entries of clients that have left go, so the table is bounded by the connections.
        counts[client] = count > 1 ? count - 1 : nil
        total -= 1
    }
}
