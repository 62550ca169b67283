import HTTPCore
import Platform
public import Reactor
import Synchronization

/// A log that writes one line for each entry to standard error: the time, in UTC, and `LogEntry.description`.
///
/// ```
/// 2026-11-28T10:34:01Z error: a handler threw an error error=OutOfStock() method=GET route=/items/{id} …
/// ```
///
/// Nobody waits for the reader of standard error: a thread that all of these logs share writes the lines. It starts
/// with the first line. While there is no room, lines wait in a bounded amount of memory; those that don't fit are
/// dropped, and a line with their number follows. The lines of a thread are written in their order. At the end of the
/// process (`exit`, or the end of the main function), the lines that still wait are written, if that takes no more than
/// half a second.
public struct StandardErrorLog: LogDestination {
    /// The least severe level that is written.
    public let level: LogLevel
    private let output: Output

    /// Creates a log.
    ///
    /// - Parameter level: the least severe level that is written. `.notice` leaves out requests that are rejected
    ///   because of what clients sent.
    public init(level: LogLevel = .info) {
        self.level = level
        output = .standardError
    }

    /// Creates a log that writes to another descriptor.
    init(level: LogLevel, descriptor: Int32) {
        self.level = level
        output = Output(descriptor)
    }

    /// Writes a line. Never waits for the reader. Any thread.
    public func write(_ entry: LogEntry) { output.write(entry) }

    /// Waits until the lines are written, for at most `duration`. Returns the number of lines that are not.
    @discardableResult
    func flush(within duration: Duration) -> Int { output.lines.flush(within: duration) }

    /// The lines on their way to a descriptor.
    private final class Output: Sendable {
        /// How long the end of the process waits for lines.
        private static let exitGrace: Duration = .milliseconds(500)

        /// Lives as long as the process.
        static let standardError: Output = {
            let output = Output(2)
            ProcessEvents.atExit { Output.standardError.finish() }
            return output
        }()

        let lines: LogBuffer
        /// Starts the writer with the first line. False if that failed.
        private let isStarted = Locked<Bool?>(nil)
        /// How many of the dropped lines were reported.
        private let reportedCount = Atomic<Int>(0)

        init(_ descriptor: Int32) {
            // What can't be written here can't be reported anywhere else.
            let file = LogFile(descriptor: descriptor) { _ in }
            lines = LogBuffer(collects: false) { file.write($0, mayWait: $1, written: $2) }
        }

        deinit { lines.close() }

        func write(_ entry: LogEntry) {
            guard start() else { return LogFile.writeToStandardError(entry.description) }
            if append(entry, isCounted: true) { reportDropped() }
        }

        /// Writes how many lines were dropped since that was last written, if there is room for it.
        private func reportDropped() {
            let dropped = lines.droppedLineCount
            // Relaxed: counts, which publish nothing else.
            let reported = reportedCount.load(ordering: .relaxed)
            guard dropped > reported,
                reportedCount.compareExchange(expected: reported, desired: dropped, ordering: .relaxed).exchanged
            else { return }
            let report = LogEntry(.warning, "\(dropped - reported) lines were dropped")
            if !append(report, isCounted: false) { reportedCount.subtract(dropped - reported, ordering: .relaxed) }
        }

        /// Waits for the lines at the end of the process, if there are any.
        func finish() {
            if isStarted.withLock({ $0 }) == true { _ = lines.flush(within: Self.exitGrace) }
        }

        private func append(_ entry: LogEntry, isCounted: Bool) -> Bool {
            let date = DateField(unixSeconds: Clock.unixSeconds())
            // Once, not for each buffer that may have room.
            let text = entry.description
            return lines.append(isCounted: isCounted) { line in
                line.appendTimestamp(date)
                line.append(" ")
                line.append(utf8: text)
                line.append("\n")
            }
        }

        private func start() -> Bool {
            isStarted.withLock { isStarted in
                let result = isStarted ?? (lines.start() == 0)
                isStarted = result
                return result
            }
        }
    }
}
