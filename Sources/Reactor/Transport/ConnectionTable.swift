import HTTP1
import HTTPCore

/// A reactor's connections by slot. Slots are reused; a generation tells the connection of today from those before it.
///
/// Connections stand in chunks that never move, so that a pointer to one is good until it is removed.
@safe
struct ConnectionTable: ~Copyable {
    private static let chunkCount = 64

    // Owned: the chunks are freed in `deinit`; a place is initialised while its slot is occupied.
    private var chunks: [UnsafeMutablePointer<Connection>] = unsafe []
    private var generations: [UInt32] = []
    private var isOccupied: [Bool] = []
    private var freeSlots: [Int] = []
    /// Connections in the table.
    private(set) var count = 0

    init() {}

    deinit {
        for slot in isOccupied.indices where isOccupied[slot] {
            unsafe place(slot).deinitialize(count: 1)
        }
        for index in unsafe chunks.indices { unsafe chunks[index].deallocate() }
    }

    /// One past the highest slot ever used.
    var slotCount: Int { isOccupied.count }

    /// Slots that are not free; counted apart from the connections, so that one that was lost shows.
    var slotsInUse: Int { isOccupied.count - freeSlots.count }

    /// Makes a connection for an accepted descriptor.
    mutating func insert(
        descriptor: Int32, headLimits: HeadLimits, listener: ReactorListener, peer: SocketAddress? = nil
    ) -> Token {
        if freeSlots.isEmpty { grow() }
        let slot = freeSlots.removeLast()
        let token = Token(slot: slot, generation: generations[slot])
        unsafe place(slot).initialize(
            to: Connection(
                descriptor: descriptor, token: token, headLimits: headLimits, listener: listener, peer: peer))
        isOccupied[slot] = true
        count += 1
        return token
    }

    /// The connection that a completion belongs to, or nil when it is gone: the completion is stale. The pointer is
    /// good until `remove`.
    func find(_ token: Token) -> UnsafeMutablePointer<Connection>? {
        guard token.slot < isOccupied.count, isOccupied[token.slot], generations[token.slot] == token.generation
        else { return nil }
        return unsafe place(token.slot)
    }

    /// The connection in a slot, if there is one.
    func occupant(of slot: Int) -> UnsafeMutablePointer<Connection>? {
        isOccupied[slot] ? unsafe place(slot) : nil
    }

    /// Ends a connection. Its slot may be given to the next one, under another generation.
    mutating func remove(_ token: Token) {
        guard unsafe find(token) != nil else { return }
        unsafe place(token.slot).deinitialize(count: 1)
        isOccupied[token.slot] = false
        generations[token.slot] = (token.generation + 1) & 0xFF_FFFF
        freeSlots.append(token.slot)
        count -= 1
    }

    private func place(_ slot: Int) -> UnsafeMutablePointer<Connection> {
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
