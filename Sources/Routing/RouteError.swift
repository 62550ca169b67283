public import HTTP1

/// Why a route was refused when it was added. Its description is one sentence for the person who wrote the route.
public enum RouteError: Error, Sendable, Equatable {
    /// The pattern cannot be read; `reason` says why, as the end of a sentence.
    case malformed(pattern: String, reason: String)

    /// A route with the same method and the same shape was added before.
    case conflict(method: Method, pattern: String, existing: String)
}

extension RouteError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let pattern, let reason):
            "The route pattern \"\(pattern)\" is malformed: \(reason)."
        case .conflict(let method, let pattern, let existing):
            "The route \(method) \"\(pattern)\" conflicts with \(method) \"\(existing)\": both match the same paths."
        }
    }
}
