/// A route, with the middlewares and options of its groups.
final class Route: Sendable {
    let target: Router.Target
    /// The handler of an inline or blocking target. Stored apart, since a `switch` would retain it for each request.
    private let handler: ContextHandler
    let chain: MiddlewareChain
    let options: RouteOptions
    /// The tree that contains the route, and the route's number in it.
    let tree: Int
    let number: Int

    /// Where the handler is called, with its middlewares.
    var execution: Router.Execution {
        chain.isAsync && target.execution == .inline ? .task : target.execution
    }

    init(target: Router.Target, chain: MiddlewareChain, options: RouteOptions, tree: Int, number: Int) {
        self.target = target
        switch target.handler {
        case .inline(let handler), .blocking(let handler): self.handler = handler
        case .async: handler = { _, _ in preconditionFailure("an async handler runs in a task") }
        }
        self.chain = chain
        self.options = options
        self.tree = tree
        self.number = number
    }

    /// Calls the inline or blocking handler inside its middlewares.
    func run(_ request: borrowing Request, _ context: inout RequestContext) throws -> Response {
        try chain.run(request, &context, handler)
    }
}
