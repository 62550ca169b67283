/// A route, with all that its groups have given it.
final class Route: Sendable {
    let target: Router.Target
    /// The target's handler, if it returns at once or blocks. Apart, since a `switch` would retain it for each request.
    private let handler: ContextHandler
    let chain: MiddlewareChain
    let options: RouteOptions
    /// The tree that finds the route, and the route's number there.
    let tree: Int
    let number: Int

    init(target: Router.Target, chain: MiddlewareChain, options: RouteOptions, tree: Int, number: Int) {
        self.target = target
        switch target.handler {
        case .inline(let handler), .blocking(let handler): self.handler = handler
        case .async: handler = { _, _ in preconditionFailure("an async handler has a task") }
        }
        self.chain = chain
        self.options = options
        self.tree = tree
        self.number = number
    }

    /// Calls the handler, which returns at once or blocks, with the middlewares around it.
    func run(_ request: borrowing Request, _ context: inout RequestContext) throws -> Response {
        try chain.run(request, &context, handler)
    }
}
