/// A handler asked for a part of the path that its route's pattern does not name: a mistake of the application.
public struct MissingParameterError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The name that was asked for.
    public let name: String

    /// What is wrong, for the log.
    public var description: String { "the route's pattern has no {\(name)}" }
}
