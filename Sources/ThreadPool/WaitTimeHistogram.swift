/// A histogram of the waits of jobs between `submit` and their start.
///
/// Four buckets for each power of two, so a quantile is at most 25 % too high. One job in
/// `Configuration.waitTimeSampling` is measured.
public struct WaitTimeHistogram: Sendable {
    /// The number of measured jobs in each bucket, in ascending order of time.
    let counts: [UInt64]

    package init(counts: [UInt64]) {
        self.counts = counts
    }

    /// The number of measured jobs.
    public var count: UInt64 { counts.reduce(0, +) }

    /// Returns an upper bound for the waits of at least the given share of measured jobs; zero if none was measured.
    ///
    /// - Parameter share: from 0 to 1, such as 0.99. A smaller value, or one that is not a number, counts as 0, a
    ///   larger one as 1.
    public func quantile(_ share: Double) -> Duration {
        let share = share > 0 ? min(share, 1) : 0
        let total = count
        guard total > 0 else { return .zero }
        let wanted = max(1, UInt64((Double(total) * share).rounded(.up)))
        var seen: UInt64 = 0
        for bucket in Bucket.allCases {
            seen += counts[bucket.rawValue]
            if seen >= wanted { return .nanoseconds(bucket.upperBoundNanoseconds) }
        }
        return .nanoseconds(Bucket.last.upperBoundNanoseconds)
    }

    /// The buckets that are not empty, each with the upper bound of its waits.
    public var buckets: [(upperBound: Duration, count: UInt64)] {
        Bucket.allCases.filter { counts[$0.rawValue] > 0 }
            .map { (.nanoseconds($0.upperBoundNanoseconds), counts[$0.rawValue]) }
    }

    /// A range of times: those with the same highest bit and the same two bits below it.
    package struct Bucket: RawRepresentable, CaseIterable, Equatable, Sendable {
        /// The longest time that has a bucket of its own is just under this many nanoseconds (18 minutes); longer waits
        /// count in the last bucket.
        private static let limitNanoseconds: UInt64 = 1 << 40

        static let last = Bucket(containing: limitNanoseconds - 1)

        /// All buckets, in ascending order of time.
        package static let allCases = (0...last.rawValue).map(Bucket.init(unchecked:))

        package let rawValue: Int

        package init?(rawValue: Int) {
            guard Self.allCases.indices.contains(rawValue) else { return nil }
            self.rawValue = rawValue
        }

        private init(unchecked rawValue: Int) { self.rawValue = rawValue }

        package init(containing nanoseconds: UInt64) {
            let time = min(nanoseconds, Self.limitNanoseconds - 1)
            guard time >= 4 else {
                rawValue = Int(time)
                return
            }
            let exponent = 63 - time.leadingZeroBitCount
            rawValue = (exponent - 1) * 4 + Int((time >> UInt64(exponent - 2)) & 3)
        }

        /// The longest time in the bucket.
        package var upperBoundNanoseconds: Int64 {
            guard rawValue >= 4 else { return Int64(rawValue) }
            let exponent = rawValue / 4 + 1
            return ((Int64(4 + rawValue % 4) + 1) << Int64(exponent - 2)) - 1
        }
    }
}
