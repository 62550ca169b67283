/// Chooses the jobs of one producer whose waits are measured: at a fixed interval, until the slots are used up.
struct Sampler {
    private let interval: Int
    private let slots: Range<Int32>
    private var index = 0
    private var used: Int32 = 0

    init(interval: Int, slots: Range<Int32>) {
        self.interval = interval
        self.slots = slots
    }

    var usedSlots: Range<Int32> { slots.lowerBound..<slots.lowerBound + used }

    /// The slot for the next job, or -1 if that is not measured.
    mutating func next() -> Int32 {
        defer { index += 1 }
        guard index % interval == 0, used < slots.count else { return -1 }
        defer { used += 1 }
        return slots.lowerBound + used
    }
}
