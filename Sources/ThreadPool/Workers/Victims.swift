import Platform

/// The deques that one worker steals from.
struct Victims: ~Copyable {
    /// Those on the same node, then those on others.
    private let thieves: FixedArray<DequeThief>
    private let nearCount: Int

    /// Nobody to steal from.
    init() {
        self.init(near: [], far: [])
    }

    init(near: [WorkerSlot], far: [WorkerSlot]) {
        nearCount = near.count
        let slots = near + far
        thieves = FixedArray(count: slots.count) { slots[$0].thief.makeThief() }
    }

    /// Looks into each deque once, near ones first, each group from a random place on, and takes the first job found.
    /// `nil`: there was a moment in this call, for each deque one, at which it was empty.
    func steal(for thief: Worker) -> UInt? {
        if let job = steal(from: 0..<nearCount, for: thief) { return job }
        return steal(from: nearCount..<thieves.count, for: thief)
    }

    private func steal(from places: Range<Int>, for thief: Worker) -> UInt? {
        guard !places.isEmpty else { return nil }
        var place = places.lowerBound + thief.nextRandom(below: places.count)
        for _ in places {
            if let job = thieves[place].steal() { return job }
            place = place + 1 == places.upperBound ? places.lowerBound : place + 1
        }
        return nil
    }
}
