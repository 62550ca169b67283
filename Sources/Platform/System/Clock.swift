import Glibc

/// The system's two clocks. Both are read through the vDSO: no system call, about 25 ns.
package enum Clock {
    /// Monotonic nanoseconds since some moment before the program began, for deadlines; never 0.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        // The clock exists on every kernel, and the address is valid for the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Wall-clock seconds since 1970, for the Date field. Coarse: up to one timer tick late, which a second hides.
    package static func unixSeconds() -> Int {
        var time = timespec()
        // As above.
        unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return time.tv_sec
    }
}

// Durations as plain numbers. All saturate: a very long duration is as good as no limit.
extension Duration {
    /// Whole nanoseconds, rounded towards zero. Durations of more than 285 years, in either direction, are as long as
    /// that: no duration traps, and sums with readings of a clock don't overflow.
    package var nanoseconds: Int64 {
        let longest = Duration.seconds(9_000_000_000)
        // Compared before it is taken apart, since `components` traps beyond what an Int64 holds.
        let (seconds, attoseconds) = Swift.min(Swift.max(self, .zero - longest), longest).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Whole milliseconds, no more than 285 years.
    package var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    /// The moment after this duration, no later than in 285 years.
    package var deadline: ContinuousClock.Instant { ContinuousClock.now + .nanoseconds(nanoseconds) }
}
