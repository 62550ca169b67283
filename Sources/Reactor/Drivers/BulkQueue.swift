import CPlatform

/// Large sends, and receives from connections that bring more than their share. They wait behind everything else, and
/// a turn has few of them, so that nobody waits long whose answer is ready.
@safe
struct BulkQueue {
    @safe
    struct Operation {
        let token: Token
        let descriptor: Int32
        /// What to send, which the reactor keeps in place until the completion; nil to receive into one buffer.
        let bytes: UnsafeRawBufferPointer?

        /// The same for as many bytes as may be sent at once.
        func shortened() -> Operation {
            guard let bytes = unsafe bytes else { return self }
            let pieces = hs_acknowledged_byte_count(descriptor) / UInt64(largeSendByteCount)
            let byteCount = Int(min(max(pieces, 1), maximumPieces)) * largeSendByteCount
            return unsafe Operation(
                token: token, descriptor: descriptor, bytes: UnsafeRawBufferPointer(rebasing: bytes.prefix(byteCount)))
        }
    }

    /// A turn has operations until they move this many bytes, which takes the kernel a quarter of a millisecond.
    private static let byteCountPerTurn = largeSendByteCount
    /// A send is large from here on: 45 segments of an Ethernet's, and one packet of the loopback's with a head in
    /// front. A few bytes more would travel there by themselves, which halves the throughput.
    static let largeSendByteCount = 45 * 1448
    /// What is sent at once at most, in such pieces.
    private static let maximumPieces: UInt64 = 16
    /// What a receive takes at most. Who sends much is received from with few operations.
    static let receiveByteCount = 64 * 1024

    /// Operations of one connection that come one behind the other, while its bytes are in the cache.
    private static let maximumRun = 16

    private var operations: [Operation] = []
    /// How many of them had their turn.
    private var taken = 0
    /// Ahead of them: the next of the connection whose turn was the last.
    private var next: Operation?
    /// That connection, and how many turns it has had in a row.
    private var runner = Token.none
    private var run = 0
    /// Bytes that the rest of this turn may move.
    private var room = 0

    var isEmpty: Bool { operations.isEmpty && next == nil }

    mutating func receive(_ token: Token, descriptor: Int32) {
        add(unsafe Operation(token: token, descriptor: descriptor, bytes: nil))
    }

    /// Sends the beginning of `bytes`: as much as the client has taken so far. One that never reads could fill its
    /// socket with megabytes at a time, for which the kernel has to find memory; one that reads gets long answers while
    /// they are in the cache.
    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        add(unsafe Operation(token: token, descriptor: descriptor, bytes: bytes))
    }

    private mutating func add(_ operation: Operation) {
        if operation.token == runner, run < BulkQueue.maximumRun, next == nil {
            next = operation
        } else {
            operations.append(operation)
        }
    }

    mutating func beginTurn() {
        room = BulkQueue.byteCountPerTurn
    }

    /// The next operation of this turn, or nil when it has had enough of them.
    mutating func take() -> Operation? {
        guard room > 0, let operation = takeFirst()?.shortened() else { return nil }
        unsafe room -= operation.bytes?.count ?? BulkQueue.receiveByteCount
        run = operation.token == runner ? run + 1 : 1
        runner = operation.token
        return operation
    }

    private mutating func takeFirst() -> Operation? {
        if let operation = next {
            next = nil
            return operation
        }
        guard taken < operations.count else { return nil }
        let operation = operations[taken]
        taken += 1
        // Half of it at once, so that each operation is moved once at most.
        if taken * 2 >= operations.count {
            operations.removeFirst(taken)
            taken = 0
        }
        return operation
    }
}
