/// Names a connection across the kernel: its slot in the table, and the slot's generation, so that a completion that
/// arrives after the slot was given to somebody else is recognised and dropped.
package struct Token: Equatable, Sendable {
    /// Index into the connection table.
    let slot: Int
    /// How often the slot was given away, modulo 2^24.
    let generation: UInt32

    /// For operations that belong to no connection.
    package static let none = Token(slot: 0, generation: 0)

    init(slot: Int, generation: UInt32) {
        self.slot = slot
        self.generation = generation & 0xFF_FFFF
    }

    /// The layout of `user_data`: operation(8) | generation(24) | slot(32).
    func packed(_ operation: Operation) -> UInt64 {
        UInt64(operation.rawValue) << 56 | UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: slot))
    }

    static func unpack(_ userData: UInt64) -> (operation: Operation?, token: Token) {
        let operation = Operation(rawValue: UInt8(truncatingIfNeeded: userData >> 56))
        let generation = UInt32(truncatingIfNeeded: userData >> 32) & 0xFF_FFFF
        return (operation, Token(slot: Int(UInt32(truncatingIfNeeded: userData)), generation: generation))
    }
}

/// What a completion answers.
package enum Operation: UInt8, Sendable {
    /// A connection was accepted; the result is its descriptor.
    case accept = 1
    /// Bytes arrived, the peer finished (result 0), or receiving ended with an error.
    case receive
    /// A send finished; the result is how many bytes the kernel took.
    case send
    /// A send of which only failure is reported; becomes a `send` completion.
    case quietSend
    /// Another thread has something for this reactor.
    case wake
    /// The same, posted to the ring directly.
    case message
    /// The time set by `setTimer` came.
    case timer
    /// Bookkeeping whose completion nobody waits for: cancel, shutdown, close.
    case ignored
    /// Everything that was submitted before it has been reported, if it is reported at all.
    case barrier
    /// A receive into one buffer for those that send much; becomes a `receive` completion.
    case bulkReceive
}
