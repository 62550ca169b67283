/// A route, with all that its groups have given it.
final class Route: Sendable {
    let target: Router.Target
    let chain: MiddlewareChain
    let options: RouteOptions
    /// The tree that finds the route, and the route's number there.
    let tree: Int
    let number: Int

    init(target: Router.Target, chain: MiddlewareChain, options: RouteOptions, tree: Int, number: Int) {
        self.target = target
        self.chain = chain
        self.options = options
        self.tree = tree
        self.number = number
    }
}
