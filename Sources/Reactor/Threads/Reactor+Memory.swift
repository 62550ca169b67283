import Platform

/// What `giveMemoryBack` saw last, and when it changed.
struct FreedMemoryWatch {
    var byteCount = 0
    var tick: Int64 = 0
}

// Memory that bodies took.
extension Reactor where KernelDriver: ~Copyable {
    /// Freed bytes after which it is worth while.
    private static var worthwhileByteCount: Int { 16 << 20 }

    /// How long it waits for more, in ticks: a second.
    private static var pause: Int64 { 1000 / Clock.tickMilliseconds }

    var owesMemory: Bool { context.freedByteCount >= Self.worthwhileByteCount }

    /// Once no more is freed, has the C library return the pages that they had: it keeps what is freed between two
    /// pieces that are not, and a wave of uploads would leave the process as large as it was at its height.
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
