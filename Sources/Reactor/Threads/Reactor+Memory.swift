import Platform

/// The last count of freed bytes that `giveMemoryBack` saw, and when it changed.
struct FreedMemoryWatch {
    var byteCount = 0
    var tick: Int64 = 0
}

// Returning memory to the system.
extension Reactor where KernelDriver: ~Copyable {
    /// The number of freed bytes from which on memory is returned.
    private static var worthwhileByteCount: Int { 16 << 20 }

    /// How long no more bytes must have been freed before memory is returned, in ticks: a second.
    private static var pause: Int64 { 1000 / Clock.tickMilliseconds }

    var owesMemory: Bool { context.freedByteCount >= Self.worthwhileByteCount }

    /// Makes the C library return freed pages to the system, once no more bytes are being freed. By itself it keeps
    /// pages that lie between allocations in use, so after a wave of uploads the process would stay as large as at its
    /// peak.
    mutating func giveMemoryBack(_ tick: Int64) {
        guard owesMemory else { return }
        if context.freedByteCount != freedMemory.byteCount {
            freedMemory = FreedMemoryWatch(byteCount: context.freedByteCount, tick: tick)
        }
        guard tick >= freedMemory.tick + Self.pause else { return }
        context.freedByteCount = 0
        freedMemory.byteCount = 0
        FreedMemory.giveBack()
    }
}
