import Glibc

/// The system's two clocks, which drivers go by unless they have others. Both are read through the vDSO: no system
/// call.
package enum Clock {
    /// The unit of deadlines.
    static let tickMilliseconds: Int64 = 100

    /// The tick that a moment belongs to.
    static func tick(_ nanoseconds: Int64) -> Int64 { nanoseconds / (tickMilliseconds * 1_000_000) }

    /// Monotonic nanoseconds, for deadlines.
    package static func nanoseconds() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Wall-clock seconds since 1970, for the Date field. Coarse: up to one timer tick late, which a second hides.
    package static func unixSeconds() -> Int {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME_COARSE, &time)
        return time.tv_sec
    }
}
