/// Identifies the connection of an operation: its slot in the table, and the slot's generation. A completion for an
/// earlier connection in the slot is recognised by its generation and dropped.
package struct Token: Equatable, Sendable {
    /// Index into the connection table.
    let slot: Int
    /// The number of earlier connections in the slot, modulo 2^24.
    let generation: UInt32

    /// The token of operations that belong to no connection.
    package static let none = Token(slot: 0, generation: 0)

    init(slot: Int, generation: UInt32) {
        self.slot = slot
        self.generation = generation & 0xFF_FFFF
    }

    /// The layout of `user_data`: kind(8) | generation(24) | slot(32).
    func packed(_ kind: Operation.Kind) -> UInt64 {
        UInt64(kind.rawValue) << 56 | UInt64(generation) << 32 | UInt64(UInt32(truncatingIfNeeded: slot))
    }

    static func unpack(_ userData: UInt64) -> (kind: Operation.Kind?, token: Token) {
        let kind = Operation.Kind(rawValue: UInt8(truncatingIfNeeded: userData >> 56))
        let generation = UInt32(truncatingIfNeeded: userData >> 32) & 0xFF_FFFF
        return (kind, Token(slot: Int(UInt32(truncatingIfNeeded: userData)), generation: generation))
    }
}
