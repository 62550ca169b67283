import Platform

/// The deques that one worker steals from.
struct Victims: ~Copyable {
    /// The thieves' ends of those on the same node, then of those on others.
    private let thieves: FixedArray<DequeThief>
    private let nearCount: Int

    /// Creates an empty list.
    init() {
        self.init(near: [], far: [])
    }

    init(near: [WorkerSlot], far: [WorkerSlot]) {
        nearCount = near.count
        let slots = near + far
        thieves = FixedArray(count: slots.count) { slots[$0].thief.makeThief() }
    }

    /// Checks each deque once, near ones first, each group from a random index on, and takes the first job found.
    /// Returns `nil` if each deque was empty at some moment during the call.
    func steal(for thief: Worker) -> UInt? {
        if let job = steal(from: 0..<nearCount, for: thief) { return job }
        return steal(from: nearCount..<thieves.count, for: thief)
    }

    private func steal(from range: Range<Int>, for thief: Worker) -> UInt? {
        guard !range.isEmpty else { return nil }
        var index = range.lowerBound + thief.nextRandom(below: range.count)
        for _ in range {
            if let job = thieves[index].steal() { return job }
            index = index + 1 == range.upperBound ? range.lowerBound : index + 1
        }
        return nil
    }
}
