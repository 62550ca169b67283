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
        if second != self.second {
            if suppressed > 0 { report("\(suppressed) more lines like these were left out") }
            self.second = second
            lines = 0
            suppressed = 0
        }
        guard lines < EventLog.linesPerSecond else {
            suppressed += 1
            return
        }
        lines += 1
        report(LogLine.safe(line()))
    }
}
