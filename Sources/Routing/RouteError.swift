public import HTTPCore

/// Why a route was refused when it was added. Its description is one sentence for the person who wrote the route.
public enum RouteError: Error, Sendable, Equatable {
    /// The pattern cannot be read; `reason` says why, as the end of a sentence.
    case malformed(pattern: String, reason: String)

    /// A route with the same method and the same shape was added before.
    case conflict(method: Method, pattern: String, existing: String)

    /// Something that was decided about the route is out of range; `reason` says what, as a sentence without its end.
    case invalidRoute(pattern: String, reason: String)

    /// A middleware was created with values that it can't work with; `reason` says which, as a sentence without its
    /// end.
    case invalidMiddleware(name: String, reason: String)
}

extension RouteError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let pattern, let reason):
            "The route pattern \"\(pattern)\" is malformed: \(reason)."
        case .conflict(let method, let pattern, let existing):
            "The route \(method) \"\(pattern)\" conflicts with \(method) \"\(existing)\": both match the same paths."
        case .invalidRoute(let pattern, let reason):
            "The route \"\(pattern)\" is invalid: \(reason)."
        case .invalidMiddleware(let name, let reason):
            "The middleware \(name) is invalid: \(reason)."
        }
    }
}
