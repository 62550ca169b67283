/// The times at which requests are meant to be sent: evenly spaced, from the start of the warm-up to the end.
struct Schedule {
    /// On the clock of `monotonicNanoseconds`.
    let startNanoseconds: UInt64
    /// Requests that are sent before the measurement begins.
    let warmUpCount: Int
    let totalCount: Int
    private let intervalNanoseconds: Double

    init(_ options: LoadOptions, startNanoseconds: UInt64) {
        self.startNanoseconds = startNanoseconds
        intervalNanoseconds = 1e9 / options.rate
        warmUpCount = Int(options.rate * options.warmUpSeconds)
        totalCount = warmUpCount + Int(options.rate * options.seconds)
    }

    func dueNanoseconds(_ index: Int) -> UInt64 {
        startNanoseconds + UInt64(Double(index) * intervalNanoseconds)
    }
}
