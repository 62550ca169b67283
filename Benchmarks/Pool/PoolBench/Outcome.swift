/// The result of one measurement of one pool in one cell.
struct Outcome: Sendable {
    var jobsPerSecond: Double
    var processorNanosecondsPerJob: Double
    /// From submission to start, in nanoseconds.
    var p50: Double
    var p99: Double
    var p999: Double
    /// The processors that other processes, or the machine's host, used meanwhile.
    var disturbance: Double

    /// For each figure the median of all outcomes, which must not be empty.
    static func median(of outcomes: [Outcome]) -> Outcome {
        func middle(_ figure: (Outcome) -> Double) -> Double { outcomes.map(figure).median }
        return Outcome(
            jobsPerSecond: middle(\.jobsPerSecond),
            processorNanosecondsPerJob: middle(\.processorNanosecondsPerJob),
            p50: middle(\.p50), p99: middle(\.p99), p999: middle(\.p999),
            disturbance: middle(\.disturbance)
        )
    }
}

extension [Double] {
    /// The one in the middle, or the mean of the two there; the array must not be empty.
    var median: Double {
        let sorted = self.sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}
