import Glibc
import HyperServe
import Synchronization

/// Events in handlers, which tests wait for.
final class Events: Sendable {
    struct Missing: Error {
        let name: String
        let seen: [String]
    }

    private let counter = Atomic<Int>(0)
    private let names = Mutex<[String]>([])

    func add(_ name: String) { names.withLock { $0.append(name) } }

    /// Adds the summary of a log entry: its level, the request, the message and the error.
    func add(_ entry: LogEntry) {
        let request = entry.method.map { " \($0) \(entry.fields["path"]?.description ?? "")" } ?? ""
        add("\(entry.level)\(request): \(entry.message)\(entry.error.map { ": \($0)" } ?? "")")
    }

    func has(_ name: String) -> Bool { names.withLock { $0.contains(name) } }

    /// Counts a frequent event.
    func count() { counter.add(1, ordering: .relaxed) }

    var counted: Int { counter.load(ordering: .relaxed) }

    var all: [String] { names.withLock { $0 } }

    /// Blocks until it has happened, for twenty minutes at most: other tests may keep the runtime's threads to
    /// themselves for long, with a sanitizer above all.
    func wait(for name: String) throws {
        for _ in 0..<240_000 {
            if has(name) { return }
            usleep(5_000)
        }
        throw Missing(name: name, seen: all)
    }
}
