import Glibc

/// The monotonic clock as a plain number, which a job can carry.
enum Clock {
    /// Nanoseconds since some moment before the program began; never 0. About 25 ns to read.
    static var nowNanoseconds: UInt64 {
        var time = timespec()
        // The clock exists on every kernel, and the address is valid for the call.
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }
}
