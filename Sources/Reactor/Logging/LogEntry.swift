public import HTTPCore

/// An entry of the server's log, or of an application's through `RequestContext.logger`.
///
/// Its parts are as they were given: a path, a field value or the description of an error may contain whatever a client
/// sent, such as line breaks and control characters. `description` is safe to print. A `LogDestination` that formats
/// the parts by itself must escape them, as encoders of JSON do.
public struct LogEntry: Sendable {
    /// The severity.
    public var level: LogLevel
    /// What happened. The server's own messages contain nothing that a client sent.
    public var message: String
    /// The error that caused the entry.
    public var error: (any Error)?
    /// The ID of the request; see `RequestIDs`. Nil if the entry is not about a request, or the request has none.
    public var requestID: String?
    /// The method of the request.
    public var method: Method?
    /// The pattern of the request's route: "/hello/{name}".
    public var routePattern: String?
    /// The address of the client, or of the proxy in front of the server.
    public var peer: SocketAddress?
    /// Further values. The server's own keys are `path`, `status` and `reason`.
    public var fields: [String: LogValue]
    /// The source file that logs, as `#fileID`: "Module/File.swift".
    public var file: String
    /// The function that logs, as `#function`.
    public var function: String
    /// The line that logs, as `#line`.
    public var line: UInt

    /// Creates an entry. What is not passed is nil, or the place of the call.
    public init(
        _ level: LogLevel, _ message: String, error: (any Error)? = nil, fields: [String: LogValue] = [:],
        file: String = #fileID, function: String = #function, line: UInt = #line
    ) {
        self.level = level
        self.message = message
        self.error = error
        self.fields = fields
        self.file = file
        self.function = function
        self.line = line
    }

    /// All values but level, message and place, for destinations with one kind of them: the request's as `requestID`,
    /// `method`, `route` and `peer`, the error's description as `error`, and `fields`, which take precedence.
    public var metadata: [String: LogValue] {
        Dictionary(known + Array(fields)) { _, field in field }
    }

    /// The values that are not in `fields`, in the order in which they are written.
    private var known: [(key: String, value: LogValue)] {
        var values: [(key: String, value: LogValue)] = []
        if let error { values.append(("error", .string("\(error)"))) }
        if let requestID { values.append(("requestID", .string(requestID))) }
        if let method { values.append(("method", .string(method.name))) }
        if let routePattern { values.append(("route", .string(routePattern))) }
        if let peer { values.append(("peer", .stringConvertible(peer))) }
        return values
    }
}

extension LogEntry: CustomStringConvertible {
    /// The entry as one line of at most 4,000 bytes without a line feed: `error: it failed error="a b" path=/a`. First
    /// level and message, then the error, the request's values, and the fields in the order of their keys.
    ///
    /// Whatever the parts contain, they stay what they are: a key or a value that is empty or has anything but
    /// printable ASCII without space, `"`, `=` and `\` is in quotation marks, and so is a message with `"`, `=` or `\`.
    /// There, `"` and `\` follow a `\`, and control characters, line separators and characters that change the
    /// direction of text are escaped as in Swift: `\n` or `\u{1B}`. Messages of more than 2,000 bytes and keys and
    /// values of more than 1,000 end with three dots.
    public var description: String {
        var line = "\(level.rawValue): "
        LogLine.append(message, to: &line, maximumByteCount: LogLine.maximumMessageByteCount, allowsSpaces: true)
        let rest = fields.sorted { $0.key < $1.key }
        for (key, value) in known.filter({ fields[$0.key] == nil }) + rest.map({ (key: $0.key, value: $0.value) }) {
            line += " "
            LogLine.append(key, to: &line, maximumByteCount: LogLine.maximumValueByteCount)
            line += "="
            LogLine.append(value.description, to: &line, maximumByteCount: LogLine.maximumValueByteCount)
        }
        return LogLine.safe(line)
    }
}
