extension Duration {
    /// Whole nanoseconds, rounded towards zero. Durations of more than 285 years, in either direction, are as long as
    /// that: no duration traps, and sums with readings of a clock don't overflow.
    package var wholeNanoseconds: Int64 {
        let longest = Duration.seconds(9_000_000_000)
        // Compared before it is taken apart, since `components` traps beyond what an Int64 holds.
        let (seconds, attoseconds) = Swift.min(Swift.max(self, .zero - longest), longest).components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
