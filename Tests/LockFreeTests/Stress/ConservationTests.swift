import LockFreeTestSupport
import Testing

/// Every value that goes in comes out, once and in order, with any number of threads.
/// One run at a time, so that each has the processors for itself.
@Suite("Conservation under stress", .serialized)
struct ConservationTests {
    /// In the long mode 64 pairs of producers and consumers move 102 million values: 205 million operations.
    static let queueValues: UInt64 = Stress.isLong ? 1_600_000 : 10_000
    static let otherValues: UInt64 = Stress.isLong ? 5_000_000 : 40_000
    static let sleeps: UInt64 = Stress.isLong ? 2_000_000 : 4_000
    static let patience = 20 * nanosecondsPerSecond

    @Test("of the queue, for each number of producers and consumers", arguments: Stress.pairs)
    func queue(producers: UInt32, consumers: UInt32) {
        let load = hs_load(producers: producers, consumers: consumers, values: Self.queueValues)
        let tally = hs_queue_stress(HS_QUEUE_PRODUCT, load)
        #expect(tally.isSound, "\(tally)")
        Report.add("queue \(producers) x \(consumers)", operations: 2 * tally.moved, tally)
    }

    @Test("of the queue when it is nearly always full, or was slowed between any two steps", arguments: [1, 2, 7])
    func smallQueue(capacity: Int) {
        for build in [HS_QUEUE_PRODUCT, HS_QUEUE_STEERED, HS_QUEUE_WRAPPING] {
            let values = Self.queueValues / (build == HS_QUEUE_PRODUCT ? 4 : 10)
            let load = hs_load(producers: 3, consumers: 3, values: values, capacity: capacity, yieldsOneIn: 8)
            let tally = hs_queue_stress(build, load)
            #expect(tally.isSound, "\(build) \(tally)")
        }
    }

    @Test("of the deque, for each number of thieves", arguments: [1, 2, 3, 7] as [UInt32])
    func deque(thieves: UInt32) {
        for build in [HS_DEQUE_PRODUCT, HS_DEQUE_STEERED] {
            let values = build == HS_DEQUE_PRODUCT ? Self.otherValues : Self.otherValues / 10
            let load = hs_load(producers: 1, consumers: thieves, values: values, capacity: 8, yieldsOneIn: 8)
            let tally = hs_deque_stress(build, load)
            #expect(tally.isSound, "\(build) \(tally)")
            Report.add("deque \(thieves) thieves", operations: 2 * tally.moved, tally)
        }
    }

    @Test("of completions, with one wake-up for each batch", arguments: [1, 2, 4, 8] as [UInt32])
    func completions(producers: UInt32) {
        for build in [HS_COMPLETIONS_PRODUCT, HS_COMPLETIONS_STEERED] {
            let load = hs_load(producers: producers, consumers: 1, values: Self.otherValues / 2, yieldsOneIn: 16)
            let tally = hs_completions_stress(build, load)
            #expect(tally.isSound, "\(build) \(tally)")
            Report.add("completions \(producers) producers", operations: tally.moved, tally)
        }
    }

    @Test("of counts, while other threads read sums that never decrease")
    func counters() {
        for build in [HS_COUNTERS_PRODUCT, HS_COUNTERS_STEERED] {
            let load = hs_load(producers: 4, consumers: 2, values: Self.otherValues, yieldsOneIn: 64)
            let tally = hs_counters_stress(build, load)
            #expect(tally.isSound, "\(build) \(tally)")
        }
    }

    @Test("of wake-ups: each is used once, and no thread sleeps while there is work", arguments: Stress.pairs)
    func parking(producers: UInt32, consumers: UInt32) {
        for build in [HS_PARKING_PRODUCT, HS_PARKING_STEERED] {
            let values = Self.sleeps / UInt64(Stress.pairs.count)
            let load = hs_load(
                producers: producers, consumers: consumers, values: values, capacity: 64, yieldsOneIn: 4)
            let tally = hs_parking_stress(build, load, Self.patience)
            #expect(tally.isSound, "\(build) \(tally)")
            Report.add("parking \(producers) x \(consumers)", operations: 2 * tally.moved, tally)
        }
    }
}
