import LockFreeTestSupport

/// What the long mode prints: how much was done, and how fast.
enum Report {
    static func add(_ what: String, operations: UInt64, _ tally: hs_tally) {
        guard Stress.isLong else { return }
        let milliseconds = tally.nanoseconds / 1_000_000
        print("stress: \(what): \(operations) operations in \(milliseconds) ms")
    }
}
