import LockFreeTestSupport
import Testing

/// One thread is stopped between two chosen steps while another continues: every combination of a stopped operation
/// with a short sequence of others, on a structure so small that nodes and slots are reused at once.
@Suite("Stopped between any two steps", .serialized)
struct ScenarioTests {
    @Test(
        "the queue lets the others complete, and the result is linearizable",
        arguments: [HS_QUEUE_STEERED, HS_QUEUE_WRAPPING]
    )
    func queue(build: hs_queue_build) {
        var reached = 0
        for scenario in Scenario.ofQueue {
            let verdict = scenario.verdict(onQueue: build)
            #expect(verdict.isSound, "\(scenario)")
            if verdict.wasReached { reached += 1 }
        }
        #expect(reached > Scenario.ofQueue.count / 4, "the points exist")
    }

    @Test("the deque lets the others complete, and the result is linearizable")
    func deque() {
        var reached = 0
        for scenario in Scenario.ofDeque {
            let verdict = scenario.verdict(onDeque: HS_DEQUE_STEERED)
            #expect(verdict.isSound, "\(scenario)")
            if verdict.wasReached { reached += 1 }
        }
        #expect(reached > Scenario.ofDeque.count / 4, "the points exist")
    }

    @Test(
        "a queue with a planted bug is detected",
        arguments: [HS_QUEUE_UNTAGGED, HS_QUEUE_LATE_READ, HS_QUEUE_LAGGING_TAIL]
    )
    func brokenQueue(build: hs_queue_build) {
        #expect(Scenario.ofQueue.contains { !$0.verdict(onQueue: build).isSound })
    }

    @Test("a deque with a planted bug is detected")
    func brokenDeque() {
        #expect(Scenario.ofDeque.contains { !$0.verdict(onDeque: HS_DEQUE_IGNORED_RACE).isSound })
    }

    @Test("an owner that a thief overtakes at the last value does not get it")
    func lastValue() {
        #expect(hs_deque_overtaken_owner(HS_DEQUE_STEERED) == 1)
        #expect(hs_deque_overtaken_owner(HS_DEQUE_IGNORED_LOSS) == 2, "the planted bug is detected")
    }

    @Test("a thief that lost the race reports that, and not an empty deque")
    func lostRaceIsNoEmptyDeque() {
        let steal = UInt32(HS_STEAL.rawValue)
        let scenario = Scenario(
            capacity: 4, pushesBefore: 2, popsBefore: 0, stopped: HS_STEAL, point: HS_DEQUE_STEALS, moves: [steal])
        #expect(scenario.verdict(onDeque: HS_DEQUE_STEERED).lostRaces == 1)
    }

    @Test("a push that is overtaken is not lost, and does not lose the other")
    func completions() {
        #expect(hs_completions_overtaken_push(HS_COMPLETIONS_STEERED) == 2)
        #expect(hs_completions_overtaken_push(HS_COMPLETIONS_LOSSY) == 1, "the planted bug is detected")
    }

    @Test("a writer that is overtaken keeps its count")
    func counters() {
        #expect(hs_counters_overtaken_add(HS_COUNTERS_STEERED) == 11)
        #expect(hs_counters_overtaken_add(HS_COUNTERS_SHARED_ROW) == 1, "the planted bug is detected")
    }

    @Test("a parking with a planted bug is detected")
    func brokenParking() {
        let patience = nanosecondsPerSecond / 5
        #expect(!hs_parking_wakeup_before_sleep(HS_PARKING_BLIND_SLEEP, true, patience))
        #expect(!hs_parking_wakeup_before_sleep(HS_PARKING_LATE_ANNOUNCEMENT, false, patience))
    }
}
