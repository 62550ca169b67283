extension Server {
    /// The routes that serve new requests, in the order in which they were added.
    public var routes: [RouteSummary] { publisher.table(of: .server).summaries }

    /// The numbers of route tables that were replaced and that are in memory, over all listeners.
    public var routeTableStatistics: RouteTableStatistics { publisher.statistics }

    /// Replaces all routes, middlewares included. Requests that begin after this call are served by the new routes,
    /// requests in progress by the old ones. No request waits or fails because of it.
    ///
    /// The old routes are freed when every reactor has noticed the replacement, at its next turn, and the last request
    /// that began with them has ended. May be called from any thread, including a handler's, and before the start.
    ///
    /// Listeners that have a router of their own keep its routes; see `replaceRoutes(ofListener:with:)`.
    ///
    /// - Throws: `RouteError` if a route is malformed or two match the same paths; `ServerError` if `router` has the
    ///   server's first blocking route and the threads for it can't be started. The routes then stay as they are.
    public func replaceRoutes(with router: Router) throws {
        try replaceRoutes(of: .server, with: router)
    }

    /// Replaces the routes of a listener that has a router of its own, as `replaceRoutes(with:)` does those of the
    /// server.
    ///
    /// - Throws: what `replaceRoutes(with:)` throws; `ServerError.invalidConfiguration` if
    ///   `ServerConfiguration.listeners` has no router at this index.
    public func replaceRoutes(ofListener index: Int, with router: Router) throws {
        guard configuration.listeners.indices.contains(index), configuration.listeners[index].router != nil else {
            throw ServerError.invalidConfiguration("listener \(index) has no router of its own")
        }
        try replaceRoutes(of: .listener(index), with: router)
    }

    private func replaceRoutes(of owner: RoutePublisher.Owner, with router: Router) throws {
        try publisher.replace(router, of: owner)
        lifecycle.group?.wake()
    }
}

/// A route as `Server.routes` lists it.
public struct RouteSummary: Sendable, Equatable {
    /// The method of the route. HEAD and OPTIONS are listed only if they have routes of their own.
    public let method: Method
    /// The pattern, with the prefixes of its groups.
    public let pattern: String
    /// The host that the route is for, in lower case; nil for every host.
    public let host: String?
}

/// The numbers of a server's route tables.
public struct RouteTableStatistics: Sendable, Equatable {
    /// Successful calls of `Server.replaceRoutes(with:)` and `replaceRoutes(ofListener:with:)`.
    public let replacementCount: Int
    /// Tables in memory: those in use, and old ones that a reactor or a request in progress still refers to.
    public let liveTableCount: Int

    /// Creates statistics, to compare others with.
    public init(replacementCount: Int, liveTableCount: Int) {
        self.replacementCount = replacementCount
        self.liveTableCount = liveTableCount
    }
}
