import Synchronization
import Testing

@testable import Reactor

@Suite("The log of a server's events")
struct EventLogTests {
    private final class Entries: Sendable {
        private let entries = Mutex<[LogEntry]>([])
        func add(_ entry: LogEntry) { entries.withLock { $0.append(entry) } }
        var all: [LogEntry] { entries.withLock { $0 } }
    }

    @Test("creates no entry that the log does not write")
    func level() {
        let entries = Entries()
        let log = EventLog(ClosureLog(level: .notice) { entries.add($0) })
        var count = 0
        func message() -> String {
            count += 1
            return "m"
        }
        log.report(.info, message())
        EventLog(nil).report(.critical, message())
        #expect(count == 0 && entries.all.isEmpty)
        log.report(.notice, message(), fields: ["a": "b"])
        #expect(count == 1 && entries.all.map(\.description) == ["notice: m a=b"])
    }

    @Test("is limited for each level, and loses no number")
    func budgets() {
        let entries = Entries()
        let log = EventLog(ClosureLog { entries.add($0) })
        for _ in 0..<1000 { log.report(.info, "m") }
        log.report(.error, "e")
        #expect(entries.all.contains { $0.level == .error && $0.message == "e" })
        log.reportLeftOut(isEnd: true)
        #expect(!log.owesReport)
        let (single, leftOut) = (entries.all.filter { $0.message == "m" }, entries.all.filter { $0.level == .info })
        // The loop may take a few seconds on a busy machine.
        #expect(single.count >= EventLog.entriesPerSecond && single.count < 1000)
        let counts = leftOut.compactMap { entry in
            entry.message.hasSuffix(" more lines like these were left out")
                ? Int(entry.message.prefix { $0.isNumber }) : nil
        }
        #expect(single.count + counts.reduce(0, +) == 1000)
    }
}
