import CPlatform

// Memory that bodies took.
extension Reactor where KernelDriver: ~Copyable {
    /// Bytes of bodies after which it is worth while.
    private static var worthwhileByteCount: Int { 16 << 20 }

    /// How long it waits for more bodies, in ticks: a second.
    private static var pause: Int64 { 1000 / Clock.tickMilliseconds }

    var owesMemory: Bool { services.collectedByteCount >= Self.worthwhileByteCount }

    /// Once no more bodies come, has the C library return the pages that they had: it keeps what is freed between two
    /// pieces that are not, and a wave of uploads would leave the process as large as it was at its height.
    mutating func giveMemoryBack(_ tick: Int64) {
        guard owesMemory else { return }
        if services.collectedByteCount != collectedByteCount {
            collectedByteCount = services.collectedByteCount
            collectedTick = tick
        }
        guard tick >= collectedTick + Self.pause else { return }
        services.collectedByteCount = 0
        collectedByteCount = 0
        hs_memory_give_back()
    }
}
