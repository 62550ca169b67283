import HyperServe
import Synchronization

/// What an access log has written.
final class LogLines: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func add(_ lines: [UInt8]) { bytes.withLock { $0 += lines } }

    var all: [String] {
        String(decoding: bytes.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Waits until there are as many lines.
    func wait(for count: Int, of log: AccessLog) async throws {
        for _ in 0..<2000 where all.count < count {
            try await Task.sleep(for: .milliseconds(5))
            log.flush()
        }
    }
}
