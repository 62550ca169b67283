/// The severity of a log entry. The levels, their names and their order are those of swift-log.
public enum LogLevel: String, Sendable, CaseIterable, Codable {
    /// Steps of a program, for tracing it.
    case trace
    /// What helps to find an error, and expected outcomes, such as a response that an `HTTPError` with a status below
    /// 500 describes.
    case debug
    /// What is normal, and requests that are rejected because of what the client sent.
    case info
    /// What is normal and may need attention.
    case notice
    /// What is not an error yet, such as a response with a status from 500 that an application has chosen.
    case warning
    /// An error: a request or a connection has failed.
    case error
    /// An error that ends the service.
    case critical
}

extension LogLevel: Comparable {
    /// The position in the order of severity.
    var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        case .critical: 6
        }
    }

    /// Whether the left level is less severe.
    public static func < (left: LogLevel, right: LogLevel) -> Bool { left.rank < right.rank }
}
