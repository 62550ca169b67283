import LockFreeTestSupport

/// Records histories of three threads with four operations each, and counts those that no order explains.
struct Recorder {
    private static let threads: UInt32 = 3
    private static let operationsEach: UInt32 = 4

    let capacity: Int
    let rounds: UInt32

    func violations(ofQueue build: hs_queue_build) -> Int {
        violations(QueueModel(capacity: capacity), seed: 1, rounds: rounds) { record(queue: build, $0, &$1) }
    }

    func violations(ofDeque build: hs_deque_build) -> Int {
        violations(DequeModel(capacity: capacity), seed: 1, rounds: rounds) { record(deque: build, $0, &$1) }
    }

    /// Whether one of this many rounds is a violation.
    func catches(queue build: hs_queue_build) -> Bool {
        catches(QueueModel(capacity: capacity)) { record(queue: build, $0, &$1) }
    }

    func catches(deque build: hs_deque_build) -> Bool {
        catches(DequeModel(capacity: capacity)) { record(deque: build, $0, &$1) }
    }

    private func record(queue build: hs_queue_build, _ shape: hs_shape, _ events: inout [hs_event]) {
        // The array is as long as the shape says, and not used after the call.
        unsafe hs_queue_histories(build, shape, &events)
    }

    private func record(deque build: hs_deque_build, _ shape: hs_shape, _ events: inout [hs_event]) {
        // As above.
        unsafe hs_deque_histories(build, shape, &events)
    }

    private func catches(
        _ model: some SequentialModel,
        record: (hs_shape, inout [hs_event]) -> Void
    ) -> Bool {
        let portion: UInt32 = 500
        for seed in 0..<UInt64(rounds / portion)
        where violations(model, seed: seed, rounds: portion, record: record) > 0 {
            return true
        }
        return false
    }

    private func violations(
        _ model: some SequentialModel,
        seed: UInt64,
        rounds: UInt32,
        record: (hs_shape, inout [hs_event]) -> Void
    ) -> Int {
        let shape = hs_shape(
            threads: Self.threads,
            operations_each: Self.operationsEach,
            rounds: rounds,
            capacity: capacity,
            yields_one_in: 4,
            seed: seed
        )
        let length = Int(Self.threads * Self.operationsEach)
        var events = [hs_event](repeating: hs_event(), count: length * Int(rounds))
        record(shape, &events)
        return stride(from: 0, to: events.count, by: length).count { start in
            var linearization = Linearization(of: events[start..<start + length], model: model)
            return !linearization.exists()
        }
    }
}
