public import HTTPCore

/// The reason why a route was refused when it was added. Its description is a sentence for the author of the route.
public enum RouteError: Error, Sendable, Equatable {
    /// The pattern is malformed; `reason` is the end of a sentence.
    case malformed(pattern: String, reason: String)

    /// A route with the same method and an equivalent pattern was added before.
    case conflict(method: Method, pattern: String, existing: String)

    /// A router, with its groups and hosts, has more different methods besides those of RFC 9110 and RFC 5789 than
    /// `maximum`. `method` is the first of these.
    case tooManyMethods(method: Method, maximum: Int)

    /// A setting of the route is out of range; `reason` is a sentence without its full stop.
    case invalidRoute(pattern: String, reason: String)

    /// A middleware was created with invalid values; `reason` is a sentence without its full stop.
    case invalidMiddleware(name: String, reason: String)
}

extension RouteError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .malformed(let pattern, let reason):
            "The route pattern \"\(pattern)\" is malformed: \(reason)."
        case .conflict(let method, let pattern, let existing):
            "The route \(method) \"\(pattern)\" conflicts with \(method) \"\(existing)\": both match the same paths."
        case .tooManyMethods(let method, let maximum):
            "The method \(method) is one too many: a router has at most \(maximum) besides the standard ones."
        case .invalidRoute(let pattern, let reason):
            "The route \"\(pattern)\" is invalid: \(reason)."
        case .invalidMiddleware(let name, let reason):
            "The middleware \(name) is invalid: \(reason)."
        }
    }
}
