/// Reports requests that were refused to the embedder, in a line each that `LogLine` makes safe; and no more than a few
/// a second, since whoever sends garbage decides how often.
struct EventLog: ~Copyable {
    private static let linesPerSecond = 20

    private let report: (@Sendable (String) -> Void)?
    private var second = 0
    private var lines = 0
    private var suppressed = 0

    init(report: (@Sendable (String) -> Void)?) {
        self.report = report
    }

    /// Reports `line`, which is only made if it is. `second` is any count of seconds that goes on.
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

    /// Whether lines were suppressed that have not been reported.
    var owesReport: Bool { suppressed > 0 }

    /// Begins another second, if it is one: what was suppressed in the last is reported.
    mutating func beginIfNew(_ second: Int) {
        guard second != self.second else { return }
        reportSuppressed()
        self.second = second
        lines = 0
    }

    /// Reports how many lines were suppressed, if there are any that were not reported.
    mutating func reportSuppressed() {
        guard suppressed > 0 else { return }
        report?("\(suppressed) more lines like these were left out")
        suppressed = 0
    }
}
