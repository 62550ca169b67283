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
    }

    /// A turn has operations until they move this many bytes, which takes the kernel a quarter of a millisecond.
    private static let byteCountPerTurn = maximumSendByteCount
    /// A send is large from here on, and sends no more than this at once: 45 segments of an Ethernet's, and one packet
    /// of the loopback's with a head in front. A few bytes more would travel there by themselves, which halves the
    /// throughput.
    static let maximumSendByteCount = 45 * 1448
    /// What a receive takes at most. Who sends much is received from with few operations.
    static let receiveByteCount = 32 * 1024

    private var operations: [Operation] = []
    /// How many of them had their turn.
    private var taken = 0
    /// Bytes that the rest of this turn may move.
    private var room = 0

    var isEmpty: Bool { operations.isEmpty }

    mutating func receive(_ token: Token, descriptor: Int32) {
        operations.append(unsafe Operation(token: token, descriptor: descriptor, bytes: nil))
    }

    /// Sends the beginning of `bytes`.
    mutating func send(_ token: Token, descriptor: Int32, bytes: UnsafeRawBufferPointer) {
        let beginning = unsafe UnsafeRawBufferPointer(rebasing: bytes.prefix(BulkQueue.maximumSendByteCount))
        operations.append(unsafe Operation(token: token, descriptor: descriptor, bytes: beginning))
    }

    mutating func beginTurn() {
        room = BulkQueue.byteCountPerTurn
    }

    /// The next operation of this turn, or nil when it has had enough of them.
    mutating func next() -> Operation? {
        guard taken < operations.count, room > 0 else { return nil }
        let operation = operations[taken]
        unsafe room -= operation.bytes?.count ?? BulkQueue.receiveByteCount
        taken += 1
        // Half of it at once, so that each operation is moved once at most.
        if taken * 2 >= operations.count {
            operations.removeFirst(taken)
            taken = 0
        }
        return operation
    }
}
