/// What a route tree says about a method and a path.
public enum RouteMatch: Sendable, Equatable {
    /// The route to run, as numbered by `RouteTreeBuilder.add`.
    case found(route: Int)

    /// The path is known and the method is not one of its own: 405, or the answer to an OPTIONS request.
    ///
    /// `allowed` joins the methods of every pattern that matches the path, with HEAD where there is GET, and OPTIONS.
    case methodNotAllowed(allowed: MethodSet)

    /// No pattern matches the path: 404.
    case notFound
}
