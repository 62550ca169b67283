extension Server {
    /// The routes that new requests take, in the order in which they were added.
    public var routes: [RouteSummary] { publisher.table(of: .server).summaries }

    /// Tables of routes that were replaced, and that are still there, of all listeners together.
    public var routeTableStatistics: RouteTableStatistics { publisher.statistics }

    /// Has all requests that come after this call take the routes of another router, middlewares included. Those that
    /// have begun are answered by the routes with which they began. No request waits or fails because of it.
    ///
    /// The old routes are freed when the last reactor has noticed, at its next turn, and the last request that began
    /// with them is answered. May be called from any thread, a handler's too, before the start as well.
    ///
    /// Listeners that have a router of their own keep its routes; see `replaceRoutes(ofListener:with:)`.
    ///
    /// - Throws: `RouteError` if a route is malformed or two match the same paths; `ServerError` if the first blocking
    ///   route comes now and its threads can't be started. The routes then stay as they are.
    public func replaceRoutes(with router: Router) throws {
        try replaceRoutes(of: .server, with: router)
    }

    /// Does the same with the routes of a listener that has a router of its own.
    ///
    /// - Precondition: `ServerConfiguration.listeners` has a router at this index.
    public func replaceRoutes(ofListener index: Int, with router: Router) throws {
        precondition(
            configuration.listeners.indices.contains(index) && configuration.listeners[index].router != nil,
            "listener \(index) has no router of its own")
        try replaceRoutes(of: .listener(index), with: router)
    }

    private func replaceRoutes(of owner: RoutePublisher.Owner, with router: Router) throws {
        try publisher.replace(router, of: owner)
        lifecycle.group?.wake()
    }
}
