public import HTTPCore
public import Reactor

/// A logger for a request. Its entries have the values of the request, and go to `ServerConfiguration.log`.
///
/// ```swift
/// router.get("/notes/{id}") { request, context in
///     let id = try request.parameter("id", as: Int.self)
///     context.logger.info("a note was read", ["id": "\(id)"])
///     return .text("note \(id)")
/// }
/// ```
///
/// It may be kept, and used by any thread. The server does not limit the number of its entries, unlike that of its own.
public struct RequestLogger: Sendable {
    private let destination: (any LogDestination)?
    /// The request's ID; see `RequestIDs`.
    public let requestID: String?
    /// The method of the request; nil if the logger is from a context.
    public let method: Method?
    /// The pattern of the request's route.
    public let routePattern: String?
    /// The address of the client, or of the proxy in front of the server.
    public let peer: SocketAddress?
    /// Values of every entry. An entry's own values take precedence.
    public var fields: [String: LogValue] = [:]

    init(
        _ destination: (any LogDestination)?, requestID: String? = nil, method: Method? = nil, routePattern: String?,
        peer: SocketAddress?
    ) {
        self.destination = destination
        self.requestID = requestID
        self.method = method
        self.routePattern = routePattern
        self.peer = peer
    }

    /// Whether entries of this level are written.
    public func isEnabled(_ level: LogLevel) -> Bool { destination.map { level >= $0.level } ?? false }

    /// Writes an entry, unless the log's level is higher. Then the message and the fields are not evaluated.
    ///
    /// - Parameters:
    ///   - message: what happened. It may contain anything: text output escapes it.
    ///   - fields: further values.
    ///   - error: the error that is the reason.
    public func log(
        _ level: LogLevel, _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        guard let destination, level >= destination.level else { return }
        destination.write(
            entry(level, message(), error: error, fields: fields(), file: file, function: function, line: line))
    }

    /// Creates an entry with the values of the request.
    func entry(
        _ level: LogLevel, _ message: String, error: (any Error)?, fields: [String: LogValue], file: String = #fileID,
        function: String = #function, line: UInt = #line
    ) -> LogEntry {
        var entry = LogEntry(
            level, message, error: error, fields: self.fields.merging(fields) { _, own in own }, file: file,
            function: function, line: line)
        entry.requestID = requestID
        entry.method = method
        entry.routePattern = routePattern
        entry.peer = peer
        return entry
    }

    /// Writes an entry of the level `trace`; see `log(_:_:_:error:file:function:line:)`.
    public func trace(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.trace, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `debug`; see `log(_:_:_:error:file:function:line:)`.
    public func debug(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.debug, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `info`; see `log(_:_:_:error:file:function:line:)`.
    public func info(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.info, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `notice`; see `log(_:_:_:error:file:function:line:)`.
    public func notice(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.notice, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `warning`; see `log(_:_:_:error:file:function:line:)`.
    public func warning(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.warning, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `error`; see `log(_:_:_:error:file:function:line:)`.
    public func error(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.error, message(), fields(), error: error, file: file, function: function, line: line) }

    /// Writes an entry of the level `critical`; see `log(_:_:_:error:file:function:line:)`.
    public func critical(
        _ message: @autoclosure () -> String, _ fields: @autoclosure () -> [String: LogValue] = [:],
        error: (any Error)? = nil, file: String = #fileID, function: String = #function, line: UInt = #line
    ) { log(.critical, message(), fields(), error: error, file: file, function: function, line: line) }
}
