import Glibc
import Testing

@testable import Reactor

/// One fault of one operation, as often as the test wants it.
struct PlannedFault: Sendable, CustomTestStringConvertible {
    /// `wake` stands for waiting itself.
    let operation: Operation.Kind
    /// The errno, or 0 for a send of a single byte.
    let failure: Int32
    /// Whether nothing more comes through the connection.
    let breaks: Bool
    /// How many operations pass before it happens, and how often it does then.
    private var passing: Int
    private var left: Int

    init(_ operation: Operation.Kind, _ failure: Int32, breaks: Bool, after passing: Int = 0, times: Int) {
        self.operation = operation
        self.failure = failure
        self.breaks = breaks
        self.passing = passing
        left = times
    }

    /// Whether it has happened as often as planned.
    var isOver: Bool { left == 0 }

    /// The failure that an operation meets now, if it does.
    mutating func take(_ operation: Operation.Kind) -> Int32? { failure != 0 && isNow(operation) ? failure : nil }

    /// Whether a send takes one byte now.
    mutating func takeShort() -> Bool { failure == 0 && isNow(.send) }

    private mutating func isNow(_ operation: Operation.Kind) -> Bool {
        guard operation == self.operation, left > 0 else { return false }
        if passing > 0 {
            passing -= 1
            return false
        }
        left -= 1
        return true
    }

    var testDescription: String {
        let name = failure == 0 ? "one byte" : unsafe String(cString: strerror(failure))
        return "\(operation): \(name), \(left) times, after \(passing)"
    }
}
