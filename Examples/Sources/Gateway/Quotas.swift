import Synchronization

/// Counts how often each key was used since the last `renew`.
public final class Quotas: Sendable {
    /// More keys are rejected, so that a client can't fill the memory with invented ones.
    private static let maximumKeyCount = 10_000

    private let used = Mutex<[String: Int]>([:])

    public init() {}

    /// Gives every key its quota again. Call it regularly.
    public func renew() { used.withLock { $0 = [:] } }

    func take(_ key: String, limit: Int) -> Bool {
        used.withLock { used in
            let count = used[key] ?? 0
            guard count < limit, count > 0 || used.count < Self.maximumKeyCount else { return false }
            used[key] = count + 1
            return true
        }
    }
}
