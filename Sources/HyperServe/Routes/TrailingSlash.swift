/// What a path means that would match a route with a slash at its end, or without the one that it has.
public enum TrailingSlash: Sendable {
    /// It is another path: 404, unless it has a route of its own.
    case exact
    /// The client is told the path that is meant, with 308 Permanent Redirect (RFC 9110 section 15.4.9).
    case redirect
    /// It is the same path.
    case ignore
}
