import Platform
import Testing

@Suite("Clocks and durations")
struct ClockTests {
    @Test("the monotonic clock advances, as fast as the runtime's")
    func monotonic() {
        let start = (Clock.nanoseconds(), ContinuousClock.now)
        while ContinuousClock.now - start.1 < .milliseconds(20) {}
        let elapsed = Clock.nanoseconds() - start.0
        #expect(start.0 > 0 && elapsed >= 19_000_000)
    }

    @Test("the wall clock is about right")
    func wall() {
        // After the start of 2025 and before that of 2100.
        #expect((1_735_689_600..<4_102_444_800).contains(Clock.unixSeconds()))
    }

    @Test("durations saturate")
    func durations() {
        let limit: Int64 = 9_000_000_000_000_000_000
        // Longer than `components` can represent.
        let longest = Duration.seconds(Int64.max) * 16
        for (duration, nanoseconds) in [
            (.zero, 0), (.nanoseconds(7), 7), (.nanoseconds(-7), -7), (.milliseconds(1500), 1_500_000_000),
            (.seconds(Int64.max), limit), (.seconds(Int64.min), -limit), (longest, limit), (.zero - longest, -limit),
        ] as [(Duration, Int64)] {
            #expect(duration.nanoseconds == nanoseconds)
            #expect(duration.milliseconds == nanoseconds / 1_000_000)
        }
        #expect(longest.deadline > .now + .seconds(1 << 32))
    }
}
