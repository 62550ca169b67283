import LockFreeTestSupport

/// The owner at one end, thieves at the other. A steal may lose only to an operation that took a value.
struct DequeModel: SequentialModel {
    let capacity: Int

    var initial: [UInt64] { [] }

    func state(after observed: ObservedEvent, in values: [UInt64]) -> [UInt64]? {
        let event = observed.event
        switch (event.operation, event.outcome) {
        case (HS_PUSH, HS_DONE):
            return values.count < capacity ? values + [event.value] : nil
        case (HS_PUSH, HS_REFUSED):
            return values.count == capacity ? values : nil
        case (HS_POP, HS_DONE):
            return values.last == event.value ? Array(values.dropLast()) : nil
        case (HS_STEAL, HS_DONE):
            return values.first == event.value ? Array(values.dropFirst()) : nil
        case (HS_POP, HS_REFUSED), (HS_STEAL, HS_REFUSED):
            return values.isEmpty ? values : nil
        case (HS_STEAL, HS_LOST):
            return observed.concurrentTake ? values : nil
        default:
            return nil
        }
    }
}
