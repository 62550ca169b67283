import Histogram

/// The counts of the measured requests: `scheduled` = `completed` + `failures` + `timeouts` + `non2xx`.
struct Outcome {
    /// Requests that were meant to be sent.
    var scheduled = 0
    /// Requests that were sent; the others were given up before a connection was free.
    var sent = 0
    /// Requests with a 2xx response of the right length.
    var completed = 0
    /// Requests whose connection broke, or whose response was malformed or of the wrong length.
    var failures = 0
    /// Requests that were given up. They count in `latency` with the time until then.
    var timeouts = 0
    /// Requests with a complete response of another status.
    var non2xx = 0
    /// Requests that were sent more than 1 ms late though a connection was free: the generator was too slow.
    var lateSends = 0
    /// The longest delay of any request that was sent when a connection was free.
    var longestDelayNanoseconds: UInt64 = 0
    var generatorProcessorSeconds = 0.0
    /// From the first measured request's time to the end of the last.
    var elapsedSeconds = 0.0
    /// Nanoseconds from when a request was meant to be sent to the end of its response, to three significant digits.
    var latency: Histogram<UInt32>

    init(_ options: LoadOptions) {
        // A request that is given up is found within the generator's tick, so twice the time is always enough.
        let highest = UInt64(options.timeoutMilliseconds) * 2_000_000 + 1_000_000_000
        latency = Histogram(highestTrackableValue: highest, numberOfSignificantValueDigits: .three)
    }

    var isFlawless: Bool { failures + timeouts + non2xx == 0 && completed > 0 }

    mutating func record(latencyNanoseconds: UInt64) {
        if !latency.record(latencyNanoseconds) { latency.record(latency.highestTrackableValue) }
    }
}
