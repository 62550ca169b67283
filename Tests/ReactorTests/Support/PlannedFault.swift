import Glibc
import Testing

@testable import Reactor

/// A fault of an operation that occurs a given number of times.
struct PlannedFault: Sendable, CustomTestStringConvertible {
    /// The operation; `wake` means the wait itself.
    let operation: Operation.Kind
    /// The errno, or 0 for a send of a single byte.
    let failure: Int32
    /// Whether the fault breaks the connection.
    let breaks: Bool
    /// How many operations succeed before the fault, and how often it then occurs.
    private var passing: Int
    private var left: Int

    init(_ operation: Operation.Kind, _ failure: Int32, breaks: Bool, after passing: Int = 0, times: Int) {
        self.operation = operation
        self.failure = failure
        self.breaks = breaks
        self.passing = passing
        left = times
    }

    /// Whether the fault has occurred as often as planned.
    var isOver: Bool { left == 0 }

    /// Returns the failure of an operation now, if it is to fail.
    mutating func take(_ operation: Operation.Kind) -> Int32? { failure != 0 && isNow(operation) ? failure : nil }

    /// Returns whether a send is to take one byte now.
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
