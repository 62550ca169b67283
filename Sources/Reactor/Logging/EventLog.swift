import Platform
import Synchronization

/// Reports what happens in a server to the log of its configuration. Clients decide how often most of it happens, so
/// the number of entries per second is limited, for each level: those of one level leave the others room.
///
/// One for each server. Any thread may report, and waits for the log.
package final class EventLog: Sendable {
    /// Maximum number of entries of a level in a second.
    package static let entriesPerSecond = 20

    /// The entries of one level.
    private struct Budget {
        var second: Int64 = 0
        var count = 0
        var leftOutCount = 0
    }

    private let destination: (any LogDestination)?
    private let budgets = Locked(Array(repeating: Budget(), count: LogLevel.allCases.count))
    /// Number of entries that were left out since that was last reported.
    private let leftOutCount = Atomic<Int>(0)

    package init(_ destination: (any LogDestination)?) { self.destination = destination }

    /// Reports an event.
    package func report(
        _ level: LogLevel, _ message: @autoclosure () -> String, error: (any Error)? = nil,
        fields: @autoclosure () -> [String: LogValue] = [:], file: String = #fileID, function: String = #function,
        line: UInt = #line
    ) {
        write(level) {
            LogEntry(
                level, message(), error: error, fields: fields(), file: file, function: function, line: line)
        }
    }

    /// Reports an event as an entry of this level, which is created only if it is written.
    package func write(_ level: LogLevel, _ entry: () -> LogEntry) {
        guard let destination, level >= destination.level else { return }
        let second = Clock.nanoseconds() / 1_000_000_000
        let (isWithin, earlier) = budgets.withLock { count(&$0[level.rank], second) }
        report(leftOut: earlier, level)
        if isWithin { destination.write(entry()) }
    }

    /// Whether entries were left out and not reported yet. Relaxed: a hint.
    var owesReport: Bool { leftOutCount.load(ordering: .relaxed) > 0 }

    /// Reports how many entries were left out in earlier seconds, or, at the end, until now.
    func reportLeftOut(isEnd: Bool = false) {
        guard owesReport else { return }
        let second = Clock.nanoseconds() / 1_000_000_000
        for level in LogLevel.allCases {
            let count = budgets.withLock { budgets in
                isEnd || budgets[level.rank].second < second ? take(&budgets[level.rank]) : 0
            }
            report(leftOut: count, level)
        }
    }

    /// Counts an entry. Returns whether it may be written, and how many were left out in an earlier second.
    private func count(_ budget: inout Budget, _ second: Int64) -> (isWithin: Bool, earlier: Int) {
        var earlier = 0
        if budget.second != second {
            earlier = take(&budget)
            budget.second = second
            budget.count = 0
        }
        let isWithin = budget.count < Self.entriesPerSecond
        if isWithin {
            budget.count += 1
        } else {
            budget.leftOutCount += 1
            leftOutCount.add(1, ordering: .relaxed)
        }
        return (isWithin, earlier)
    }

    /// Returns the number of entries that were left out, which is reported then.
    private func take(_ budget: inout Budget) -> Int {
        defer { budget.leftOutCount = 0 }
        leftOutCount.subtract(budget.leftOutCount, ordering: .relaxed)
        return budget.leftOutCount
    }

    private func report(leftOut count: Int, _ level: LogLevel) {
        guard count > 0 else { return }
        destination?.write(LogEntry(level, "\(count) more lines like these were left out"))
    }
}
