import LockFreeTestSupport

/// Decides by trying all orders whether a history of at most 64 operations is linearizable: whether there is a moment
/// between the beginning and the end of each operation, so that one thread that performs all of them at these moments
/// has the same results. Wing and Gong, "Testing and Verifying Concurrent Objects", JPDC 1993; positions that
/// were reached before in another order are not searched again (Lowe, 2017).
struct Linearization<Model: SequentialModel> {
    private struct Position: Hashable {
        /// A bit for each operation that is already in the order.
        var done: UInt64
        var state: Model.State
    }

    private let model: Model
    private let events: [ObservedEvent]
    private var failed: Set<Position> = []

    init(of history: some Collection<hs_event>, model: Model) {
        precondition(history.count <= 64)
        self.model = model
        events = history.map { ObservedEvent($0, in: history) }
    }

    mutating func exists() -> Bool {
        completes(Position(done: 0, state: model.initial))
    }

    private mutating func completes(_ position: Position) -> Bool {
        let remaining = events.indices.filter { position.done & (1 << UInt64($0)) == 0 }
        if remaining.isEmpty { return true }
        if failed.contains(position) { return false }
        // Nothing may come before what had ended when it began.
        let firstEnd = remaining.map { events[$0].event.ends }.min() ?? 0
        for index in remaining where events[index].event.begins < firstEnd {
            guard let state = model.state(after: events[index], in: position.state) else { continue }
            if completes(Position(done: position.done | (1 << UInt64(index)), state: state)) { return true }
        }
        failed.insert(position)
        return false
    }
}
