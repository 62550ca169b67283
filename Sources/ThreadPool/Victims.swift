import CLockFree

/// The deques that one worker steals from.
@safe
struct Victims: ~Copyable {
    /// Those on the same node, then those on others. They belong to workers, which live as long as the scheduler.
    private let deques: UnsafeMutableBufferPointer<OpaquePointer>
    private let nearCount: Int
    private let count: Int

    /// Nobody to steal from.
    init() {
        self.init(near: [], far: [])
    }

    init(near: [Worker], far: [Worker]) {
        nearCount = near.count
        count = near.count + far.count
        unsafe deques = .allocate(capacity: count)
        for (place, worker) in (near + far).enumerated() {
            unsafe deques.initializeElement(at: place, to: worker.deque)
        }
    }

    deinit {
        unsafe deques.deallocate()
    }

    /// Looks into each deque once, near ones first, each group from a random place on, and takes the first job found.
    /// `nil`: there was a moment in this call, for each deque one, at which it was empty.
    func steal(for thief: Worker) -> UInt? {
        if let job = steal(from: 0..<nearCount, for: thief) { return job }
        return steal(from: nearCount..<count, for: thief)
    }

    private func steal(from places: Range<Int>, for thief: Worker) -> UInt? {
        guard !places.isEmpty else { return nil }
        var place = places.lowerBound + thief.nextRandom(below: places.count)
        for _ in places {
            var job: UInt = 0
            // A lost race means that somebody else got a job, and there may be another.
            while true {
                let result = unsafe hs_deque_steal(deques[place], &job)
                if result == HS_STEAL_SUCCESS { return job }
                if result == HS_STEAL_EMPTY { break }
            }
            place = place + 1 == places.upperBound ? places.lowerBound : place + 1
        }
        return nil
    }

}
