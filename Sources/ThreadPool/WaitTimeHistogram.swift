/// How long jobs waited between `submit` and their start.
///
/// Four buckets for each power of two, so a quantile is at most 25 % above the truth. One job in
/// `Configuration.waitTimeSampling` is measured.
public struct WaitTimeHistogram: Sendable {
    /// The longest time that has a bucket of its own is just under this many nanoseconds (18 minutes); longer waits
    /// count in the last bucket.
    static let limitNanoseconds: UInt64 = 1 << 40
    package static let bucketCount = bucket(of: limitNanoseconds - 1) + 1

    /// Measured jobs by bucket, in ascending order of time.
    let counts: [UInt64]

    package init(counts: [UInt64]) {
        self.counts = counts
    }

    /// How many jobs were measured.
    public var count: UInt64 { counts.reduce(0, +) }

    /// A time that at least the given share of measured jobs did not wait longer than; zero when none was measured.
    ///
    /// - Parameter share: from 0 to 1, such as 0.99.
    public func quantile(_ share: Double) -> Duration {
        precondition(share >= 0 && share <= 1, "a share lies between 0 and 1")
        let total = count
        guard total > 0 else { return .zero }
        let wanted = max(1, UInt64((Double(total) * share).rounded(.up)))
        var seen: UInt64 = 0
        for (bucket, count) in counts.enumerated() {
            seen += count
            if seen >= wanted { return .nanoseconds(Self.upperBoundNanoseconds(of: bucket)) }
        }
        return .nanoseconds(Self.upperBoundNanoseconds(of: counts.count - 1))
    }

    /// The buckets that are not empty: no measured job in one waited longer than its bound.
    public var buckets: [(upperBound: Duration, count: UInt64)] {
        counts.enumerated().filter { $0.element > 0 }
            .map { (.nanoseconds(Self.upperBoundNanoseconds(of: $0.offset)), $0.element) }
    }

    /// The bucket of a time: its highest set bit and the two bits below it.
    package static func bucket(of nanoseconds: UInt64) -> Int {
        let time = min(nanoseconds, limitNanoseconds - 1)
        guard time >= 4 else { return Int(time) }
        let exponent = 63 - time.leadingZeroBitCount
        return (exponent - 1) * 4 + Int((time >> UInt64(exponent - 2)) & 3)
    }

    /// The longest time that falls into a bucket.
    package static func upperBoundNanoseconds(of bucket: Int) -> Int64 {
        guard bucket >= 4 else { return Int64(bucket) }
        let exponent = bucket / 4 + 1
        return ((Int64(4 + bucket % 4) + 1) << Int64(exponent - 2)) - 1
    }
}
