/// A queue of large sends, and of receives from connections that send more than their share. They are submitted after
/// all other operations, and few in each turn, so that no client waits long for a response that is ready.
///
/// An entry only names its connection, which may have ended by the time the entry is taken: the connection's transport
/// knows whether the operation is still queued.
struct BulkQueue {
    enum Direction { case receive, send }

    struct Entry {
        let token: Token
        let direction: Direction

        /// Returns the bytes of a send that are sent at once: as many as the client has acknowledged so far. A client
        /// that never reads could otherwise fill its socket with megabytes of kernel memory; one that reads gets a long
        /// response while it is in the cache.
        static func portion(of bytes: UnsafeRawBufferPointer, acknowledged byteCount: Int) -> UnsafeRawBufferPointer {
            let pieces = min(max(byteCount / largeSendByteCount, 1), maximumPieces)
            return unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(pieces * largeSendByteCount))
        }
    }

    /// The bytes after which a turn takes no further entry. Moving them takes the kernel a quarter of a millisecond.
    private static let byteCountPerTurn = largeSendByteCount
    /// The size from which on a send is large: 45 Ethernet segments, and with a head in front still one packet on the
    /// loopback. A few bytes more would need a packet of their own there, which halves the throughput.
    static let largeSendByteCount = 45 * 1448
    /// The maximum number of such pieces that are sent at once.
    private static let maximumPieces = 16

    /// The maximum number of consecutive entries of one connection, which use its bytes while they are in the cache.
    private static let maximumRun = 16

    private var entries: [Entry] = []
    /// The number of entries already taken.
    private var takenCount = 0
    /// The next entry of the connection whose entry was taken last. It precedes `entries`.
    private var next: Entry?
    /// That connection, and how many of its entries were taken in a row.
    private var runner = Token.none
    private var run = 0
    /// Bytes that the rest of this turn may move.
    private var room = 0

    var isEmpty: Bool { entries.isEmpty && next == nil }

    mutating func append(_ entry: Entry) {
        if entry.token == runner, run < BulkQueue.maximumRun, next == nil {
            next = entry
        } else {
            entries.append(entry)
        }
    }

    mutating func beginTurn() { room = BulkQueue.byteCountPerTurn }

    /// Returns the next entry of this turn, or nil when the turn has moved enough bytes.
    mutating func take() -> Entry? {
        guard room > 0, let entry = takeFirst() else { return nil }
        run = entry.token == runner ? run + 1 : 1
        runner = entry.token
        return entry
    }

    /// Counts the bytes that an entry of this turn moves.
    mutating func spend(_ byteCount: Int) { room -= byteCount }

    private mutating func takeFirst() -> Entry? {
        if let entry = next {
            next = nil
            return entry
        }
        guard takenCount < entries.count else { return nil }
        let entry = entries[takenCount]
        takenCount += 1
        // Half of the array at a time, so that each entry is moved once at most.
        if takenCount * 2 >= entries.count {
            entries.removeFirst(takenCount)
            takenCount = 0
        }
        return entry
    }
}
