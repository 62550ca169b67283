import Glibc

/// An error that prevents a report.
struct LoadError: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }

    /// A system call that failed just now: nothing may have changed `errno` since.
    init(call: String) { reason = "\(call): \(String(cString: strerror(errno)))" }
}
