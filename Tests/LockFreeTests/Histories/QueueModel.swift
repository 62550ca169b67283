import LockFreeTestSupport

/// First in, first out. A push may find the queue full early, by one value for each other operation in progress,
/// because that one may hold a node (see hs_queue.h).
struct QueueModel: SequentialModel {
    let capacity: Int

    var initial: [UInt64] { [] }

    func state(after observed: ObservedEvent, in values: [UInt64]) -> [UInt64]? {
        let event = observed.event
        switch (event.operation, event.outcome) {
        case (HS_PUSH, HS_DONE):
            return values.count < capacity ? values + [event.value] : nil
        case (HS_PUSH, HS_REFUSED):
            return values.count + observed.concurrentCount >= capacity ? values : nil
        case (HS_POP, HS_DONE):
            return values.first == event.value ? Array(values.dropFirst()) : nil
        case (HS_POP, HS_REFUSED):
            return values.isEmpty ? values : nil
        default:
            return nil
        }
    }
}
