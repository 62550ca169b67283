import HyperServe
import Synchronization

/// The measurements, in memory. Any thread may use it.
public final class SeriesStore: Sendable {
    private let series = Mutex<[String: [Double]]>([:])

    public init() {}

    func replace(_ name: String, with values: [Double]) {
        series.withLock { $0[name] = values }
    }

    /// The values of a series. Throws 404 if there is none.
    func values(of name: String) throws -> [Double] {
        guard let values = series.withLock({ $0[name] }) else { throw HTTPError(.notFound, "no such series") }
        return values
    }
}
