/// A route as `Server.routes` lists it.
public struct RouteSummary: Sendable, Equatable {
    /// The method that was asked for. HEAD and OPTIONS, which are answered by themselves, are not listed.
    public let method: Method
    /// The pattern, with the prefixes of its groups.
    public let pattern: String
    /// The host that the route is for, in lower case; nil for every host.
    public let host: String?
}
