// A function for each common method and each kind of handler.
extension Router {
    /// Adds a route for GET, with a handler that runs as `mode` says.
    public mutating func get(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(.get, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for GET, with an async handler.
    public mutating func get(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(.get, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for GET, with a handler that takes the request's context and runs as `mode` says.
    public mutating func get(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        on(.get, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for GET, with an async handler that takes the request's context.
    public mutating func get(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        on(.get, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for POST, with a handler that runs as `mode` says.
    public mutating func post(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(.post, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for POST, with an async handler.
    public mutating func post(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(.post, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for POST, with a handler that takes the request's context and runs as `mode` says.
    public mutating func post(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        on(.post, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for POST, with an async handler that takes the request's context.
    public mutating func post(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        on(.post, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PUT, with a handler that runs as `mode` says.
    public mutating func put(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(.put, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PUT, with an async handler.
    public mutating func put(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(.put, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PUT, with a handler that takes the request's context and runs as `mode` says.
    public mutating func put(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        on(.put, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PUT, with an async handler that takes the request's context.
    public mutating func put(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        on(.put, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PATCH, with a handler that runs as `mode` says.
    public mutating func patch(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(.patch, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PATCH, with an async handler.
    public mutating func patch(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(.patch, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PATCH, with a handler that takes the request's context and runs as `mode` says.
    public mutating func patch(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        on(.patch, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for PATCH, with an async handler that takes the request's context.
    public mutating func patch(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        on(.patch, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for DELETE, with a handler that runs as `mode` says.
    public mutating func delete(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping Handler
    ) {
        on(.delete, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for DELETE, with an async handler.
    public mutating func delete(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncHandler
    ) {
        on(.delete, pattern, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for DELETE, with a handler that takes the request's context and runs as `mode` says.
    public mutating func delete(
        _ pattern: String, _ mode: HandlerMode = .inline, body: BodyMode = .collect,
        with middlewares: [any Middleware] = [], handler: @escaping ContextHandler
    ) {
        on(.delete, pattern, mode, body: body, with: middlewares, handler: handler)
    }

    /// Adds a route for DELETE, with an async handler that takes the request's context.
    public mutating func delete(
        _ pattern: String, body: BodyMode = .collect, with middlewares: [any Middleware] = [],
        handler: @escaping AsyncContextHandler
    ) {
        on(.delete, pattern, body: body, with: middlewares, handler: handler)
    }
}
