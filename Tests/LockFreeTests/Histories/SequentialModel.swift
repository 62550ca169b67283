import LockFreeTestSupport

/// The behavior of a structure with one thread: the specification for concurrent histories.
protocol SequentialModel {
    associatedtype State: Hashable

    /// Before the first operation.
    var initial: State { get }

    /// The state after `event`, or nil if the event cannot happen in `state`.
    func state(after event: ObservedEvent, in state: State) -> State?
}

/// One operation of a history, and the facts about simultaneous operations that a model may need.
struct ObservedEvent {
    let event: hs_event

    /// How many other operations were in progress at some moment of this one.
    let concurrentCount: Int

    /// Whether one of them took a value.
    let concurrentTake: Bool

    init(_ event: hs_event, in history: some Sequence<hs_event>) {
        self.event = event
        let concurrent = history.filter {
            $0.begins != event.begins && $0.begins < event.ends && event.begins < $0.ends
        }
        concurrentCount = concurrent.count
        concurrentTake = concurrent.contains { $0.operation != HS_PUSH && $0.outcome == HS_DONE }
    }
}
