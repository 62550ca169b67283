import Glibc

/// The system's two clocks. Both are read through the vDSO: no system call, about 25 ns.
package enum Clock {
    /// Monotonic nanoseconds since some moment before the program started, for deadlines; never 0.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        // The clock exists on every kernel, and the address is valid for the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }

    /// Wall-clock seconds since 1970, for the Date field. Coarse: up to one timer tick late.
    package static func unixSeconds() -> Int {
        var time = timespec()
        // As above.
        unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return time.tv_sec
    }
}

// Durations as plain numbers. All conversions saturate: a very long duration is the same as no limit.
extension Duration {
    /// Whole nanoseconds, rounded towards zero. Saturates at 285 years in either direction, so that no duration
    /// traps and sums with readings of a clock don't overflow.
    package var nanoseconds: Int64 {
        let longest = Duration.seconds(9_000_000_000)
        // Compared first, since `components` traps beyond what an Int64 holds.
        let (seconds, attoseconds) = Swift.min(Swift.max(self, .zero - longest), longest).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Whole milliseconds, at most 285 years.
    package var milliseconds: Int { Int(nanoseconds / 1_000_000) }

    /// The instant after this duration, at most 285 years from now.
    package var deadline: ContinuousClock.Instant { ContinuousClock.now + .nanoseconds(nanoseconds) }
}
