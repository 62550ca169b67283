import LockFreeTestSupport
import Testing

/// A harness that finds no bugs proves something only if it finds those that exist: each of these builds has one.
@Suite("The stress harness detects", .serialized)
struct CanaryTests {
    @Test("a pop that reads the value after it won the head")
    func lateRead() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 3, consumers: 3, values: 3_000, capacity: 4, yieldsOneIn: 4)
                return hs_queue_stress(HS_QUEUE_LATE_READ, load)
            })
    }

    @Test("a steal that ignores the lost race")
    func ignoredRace() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 1, consumers: 3, values: 3_000, capacity: 8, yieldsOneIn: 4)
                return hs_deque_stress(HS_DEQUE_IGNORED_RACE, load)
            })
    }

    @Test("an owner that ignores the lost race for the last value")
    func ignoredLoss() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 1, consumers: 3, values: 3_000, capacity: 8, yieldsOneIn: 4)
                return hs_deque_stress(HS_DEQUE_IGNORED_LOSS, load)
            })
    }

    /// Only visible on processors that run both threads at the same time, which is not certain while other tests run.
    @Test(
        "an owner whose claim is ordered too weakly",
        .enabled(
            if: Stress.isLong && hs_loads_overtake_stores() && Stress.hasTwoProcessors, "not reliably visible here"
        )
    )
    func weakClaim() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 1, consumers: 1, values: 100_000, capacity: 8)
                return hs_deque_stress(HS_DEQUE_WEAK_CLAIM, load)
            })
    }

    @Test("a completion that is overtaken and lost")
    func lostCompletion() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 4, consumers: 1, values: 4_000, yieldsOneIn: 4)
                return hs_completions_stress(HS_COMPLETIONS_LOSSY, load)
            })
    }

    @Test("two writers that share a row")
    func sharedRow() {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 4, consumers: 1, values: 4_000, yieldsOneIn: 4)
                return hs_counters_stress(HS_COUNTERS_SHARED_ROW, load)
            })
    }

    @Test("a wake-up that is lost", arguments: [HS_PARKING_BLIND_SLEEP, HS_PARKING_LATE_ANNOUNCEMENT])
    func lostWakeup(build: hs_parking_build) {
        #expect(
            Stress.catches {
                let load = hs_load(producers: 1, consumers: 1, values: 4_000, capacity: 64, yieldsOneIn: 2)
                return hs_parking_stress(build, load, nanosecondsPerSecond / 20)
            })
    }
}
