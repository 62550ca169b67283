/// Reports refused requests to the embedder, one line each, which `LogLine` makes safe. The number of lines per second
/// is limited, since clients decide how many requests are refused.
struct EventLog: ~Copyable {
    private static let linesPerSecond = 20

    private let report: (@Sendable (String) -> Void)?
    private var second = 0
    private var lines = 0
    private var suppressed = 0

    init(report: (@Sendable (String) -> Void)?) {
        self.report = report
    }

    /// Reports `line`, which is evaluated only if it is reported. `second` is any increasing count of seconds.
    mutating func write(second: Int, _ line: () -> String) {
        guard let report else { return }
        beginIfNew(second)
        guard lines < EventLog.linesPerSecond else {
            suppressed += 1
            return
        }
        lines += 1
        report(LogLine.safe(line()))
    }

    /// Whether lines were suppressed since the last report of suppressed lines.
    var owesReport: Bool { suppressed > 0 }

    /// Begins another second, unless it has begun already, and reports what was suppressed in the last one.
    mutating func beginIfNew(_ second: Int) {
        guard second != self.second else { return }
        reportSuppressed()
        self.second = second
        lines = 0
    }

    /// Reports how many lines were suppressed since the last such report, if any.
    mutating func reportSuppressed() {
        guard suppressed > 0 else { return }
        report?("\(suppressed) more lines like these were left out")
        suppressed = 0
    }
}
