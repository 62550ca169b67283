/// The statistics of a series.
public struct Report: Codable, Sendable, Equatable {
    public let series: String
    public let count: Int
    public let minimum: Double
    public let median: Double
    /// 99 of 100 values are no more than this.
    public let percentile99: Double
    public let maximum: Double
    public let mean: Double

    /// Computes a report, which sorts all values. There must be at least one.
    public init(series: String, values: [Double]) {
        let sorted = values.sorted()
        self.series = series
        count = sorted.count
        minimum = sorted[0]
        median = sorted[(sorted.count - 1) / 2]
        percentile99 = sorted[(sorted.count * 99 + 99) / 100 - 1]
        maximum = sorted[sorted.count - 1]
        mean = sorted.reduce(0, +) / Double(sorted.count)
    }
}
