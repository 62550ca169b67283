/// Where log entries go: the server's own, and those of an application through `RequestContext.logger` and
/// `Request.logger`. `StandardErrorLog` is the default; a conformance can pass them to any other logging library.
public protocol LogDestination: Sendable {
    /// The least severe level that is written. Entries below it cost a call of this property, and are not created.
    var level: LogLevel { get }

    /// Writes an entry, whose level is at least `level`.
    ///
    /// Called on the thread that has something to log, mostly a reactor's or the pool's, which waits for it: it must
    /// not block, and is called by several threads at once.
    func write(_ entry: LogEntry)
}

/// A log that passes its entries to a closure.
///
/// ```swift
/// configuration.log = ClosureLog { entry in print(entry) }
/// ```
public struct ClosureLog: LogDestination {
    /// The least severe level that is passed on.
    public let level: LogLevel
    private let body: @Sendable (LogEntry) -> Void

    /// Creates a log.
    ///
    /// - Parameters:
    ///   - level: the least severe level that is passed on.
    ///   - write: called on the thread that has something to log, which waits for it; it must not block. To print an
    ///     entry is safe whatever a client sent; see `LogEntry.description`.
    public init(level: LogLevel = .info, _ write: @escaping @Sendable (_ entry: LogEntry) -> Void) {
        self.level = level
        body = write
    }

    /// Calls the closure.
    public func write(_ entry: LogEntry) { body(entry) }
}
