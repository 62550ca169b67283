import LockFreeTestSupport
import Testing

/// Short histories of random operations, recorded on several threads, against the sequential specification.
@Suite("Recorded histories are linearizable", .serialized)
struct LinearizabilityTests {
    static let rounds: UInt32 = Stress.isLong ? 100_000 : 1_000

    @Test(
        "of the queue",
        arguments: [HS_QUEUE_PRODUCT, HS_QUEUE_STEERED, HS_QUEUE_WRAPPING], [1, 2, 16]
    )
    func queue(build: hs_queue_build, capacity: Int) {
        #expect(Recorder(capacity: capacity, rounds: Self.rounds).violations(ofQueue: build) == 0)
    }

    @Test("of the deque", arguments: [HS_DEQUE_PRODUCT, HS_DEQUE_STEERED], [1, 2, 16])
    func deque(build: hs_deque_build, capacity: Int) {
        #expect(Recorder(capacity: capacity, rounds: Self.rounds).violations(ofDeque: build) == 0)
    }

    @Test("and those of a pop that reads the value too late are not")
    func lateRead() {
        #expect(Recorder(capacity: 2, rounds: 20_000).catches(queue: HS_QUEUE_LATE_READ))
    }

    @Test("nor those of lost races that are ignored", arguments: [HS_DEQUE_IGNORED_RACE, HS_DEQUE_IGNORED_LOSS])
    func ignoredRaces(build: hs_deque_build) {
        #expect(Recorder(capacity: 2, rounds: 20_000).catches(deque: build))
    }
}
