import ThreadPool

// Durations as the parts below this module want them. All saturate: a very long one is as good as no limit.
extension Duration {
    /// Whole nanoseconds, no more than 285 years.
    var nanoseconds: Int64 { wholeNanoseconds }

    /// Whole milliseconds, no more than 285 years.
    var milliseconds: Int { Int(wholeNanoseconds / 1_000_000) }

    /// The moment after this duration, no later than in 285 years.
    var deadline: ContinuousClock.Instant { ContinuousClock.now + .nanoseconds(wholeNanoseconds) }
}
