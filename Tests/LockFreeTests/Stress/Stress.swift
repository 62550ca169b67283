import Glibc
import LockFreeTestSupport

let nanosecondsPerSecond: Int64 = 1_000_000_000

/// The amount of work. HYPERSERVE_STRESS=long is the proof; without it, the tests take a few seconds.
enum Stress {
    static let isLong: Bool = {
        // The environment is not changed while tests run, and the text is compared at once.
        guard let value = unsafe getenv("HYPERSERVE_STRESS") else { return false }
        return unsafe strcmp(value, "long") == 0
    }()

    /// Races need threads that run at the same time.
    static let hasTwoProcessors = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1

    /// Numbers of producers and consumers: all pairs up to eight, or a selection.
    static let pairs: [(producers: UInt32, consumers: UInt32)] = {
        let numbers: [UInt32] = isLong ? Array(1...8) : [1, 2, 3, 8]
        return numbers.flatMap { producers in numbers.map { (producers, $0) } }
    }()

    /// Runs until the harness finds a bug; returns whether it did.
    static func catches(attempts: Int = 4_000, _ run: () -> hs_tally) -> Bool {
        for _ in 0..<attempts where !run().isSound { return true }
        return false
    }
}

/// The output of the long mode: the number of operations and their time.
enum Report {
    static func add(_ what: String, operations: UInt64, _ tally: hs_tally) {
        guard Stress.isLong else { return }
        let milliseconds = tally.nanoseconds / 1_000_000
        print("stress: \(what): \(operations) operations in \(milliseconds) ms")
    }
}
