import HTTPCore

/// A reactor's connections by slot. Slots are reused; a generation distinguishes a connection from earlier ones in its
/// slot.
///
/// Connections are stored in chunks that never move, so a pointer to one is valid until it is removed.
@safe
struct ConnectionTable: ~Copyable {
    private static let chunkCount = 64

    // Owned: the chunks are freed in `deinit`; a slot's memory is initialised while the slot is occupied.
    private var chunks: [UnsafeMutablePointer<Connection>] = unsafe []
    private var generations: [UInt32] = []
    private var isOccupied: [Bool] = []
    private var freeSlots: [Int] = []
    /// Connections in the table.
    private(set) var count = 0

    init() {}

    deinit {
        for slot in isOccupied.indices where isOccupied[slot] {
            unsafe storage(slot).deinitialize(count: 1)
        }
        for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
    }

    /// One past the highest slot ever used.
    var slotCount: Int { isOccupied.count }

    /// The number of slots that are not free. Counted apart from the connections, so that a leaked slot is noticed.
    var slotsInUse: Int { isOccupied.count - freeSlots.count }

    /// Creates a connection for an accepted descriptor.
    mutating func insert(
        descriptor: Int32, headLimits: HeadLimits, listener: ReactorListener, peer: SocketAddress? = nil
    ) -> Token {
        if freeSlots.isEmpty { grow() }
        let slot = freeSlots.removeLast()
        let token = Token(slot: slot, generation: generations[slot])
        unsafe storage(slot).initialize(
            to: Connection(
                descriptor: descriptor, token: token, headLimits: headLimits, listener: listener, peer: peer))
        isOccupied[slot] = true
        count += 1
        return token
    }

    /// Returns the connection that a completion belongs to, or nil if the completion is stale: its connection is gone.
    /// The pointer is valid until `remove`.
    func find(_ token: Token) -> UnsafeMutablePointer<Connection>? {
        guard token.slot < isOccupied.count, isOccupied[token.slot], generations[token.slot] == token.generation
        else { return nil }
        return unsafe storage(token.slot)
    }

    /// Returns the connection in a slot, if there is one.
    func occupant(of slot: Int) -> UnsafeMutablePointer<Connection>? {
        isOccupied[slot] ? unsafe storage(slot) : nil
    }

    /// Removes a connection. Its slot may be reused, with another generation.
    mutating func remove(_ token: Token) {
        guard unsafe find(token) != nil else { return }
        unsafe storage(token.slot).deinitialize(count: 1)
        isOccupied[token.slot] = false
        generations[token.slot] = (token.generation + 1) & 0xFF_FFFF
        freeSlots.append(token.slot)
        count -= 1
    }

    private func storage(_ slot: Int) -> UnsafeMutablePointer<Connection> {
        // In range: slots come from `grow`, which made their chunk.
        unsafe chunks[slot / ConnectionTable.chunkCount] + slot % ConnectionTable.chunkCount
    }

    private mutating func grow() {
        let first = isOccupied.count
        unsafe chunks.append(.allocate(capacity: ConnectionTable.chunkCount))
        for slot in (first..<first + ConnectionTable.chunkCount).reversed() {
            isOccupied.append(false)
            generations.append(0)
            freeSlots.append(slot)
        }
    }
}
