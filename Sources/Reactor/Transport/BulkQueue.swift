/// Large sends, and receives from connections that send more than their share. They come after everything else, and a
/// turn has few of them, so that no client waits long for a response that is ready.
@safe
struct BulkQueue {
    @safe
    struct Entry {
        let token: Token
        let descriptor: Int32
        /// What to send, which the reactor keeps in place until the completion; nil to receive.
        let bytes: UnsafeRawBufferPointer?

        /// The bytes of a send that are sent at once: as many as the client has taken so far. A client that never
        /// reads could fill its socket with megabytes at a time, for which the kernel has to find memory; one that
        /// reads gets a long response while it is in the cache.
        static func portion(of bytes: UnsafeRawBufferPointer, acknowledged byteCount: Int) -> UnsafeRawBufferPointer {
            let pieces = min(max(byteCount / largeSendByteCount, 1), maximumPieces)
            return unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(pieces * largeSendByteCount))
        }
    }

    /// A turn has entries until they move this many bytes, which takes the kernel a quarter of a millisecond.
    private static let byteCountPerTurn = largeSendByteCount
    /// A send is large from here on: 45 segments of an Ethernet's, and one packet of the loopback's with a head in
    /// front. A few bytes more would travel there by themselves, which halves the throughput.
    static let largeSendByteCount = 45 * 1448
    /// What is sent at once at most, in such pieces.
    private static let maximumPieces = 16

    /// Entries of one connection that follow one another, while its bytes are in the cache.
    private static let maximumRun = 16

    private var entries: [Entry] = []
    /// How many of them had their turn.
    private var takenCount = 0
    /// Ahead of them: the next of the connection whose turn was the last.
    private var next: Entry?
    /// That connection, and how many turns it has had in a row.
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

    /// The next entry of this turn, or nil when it has had enough of them.
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
        // Half of it at once, so that each entry is moved once at most.
        if takenCount * 2 >= entries.count {
            entries.removeFirst(takenCount)
            takenCount = 0
        }
        return entry
    }
}
