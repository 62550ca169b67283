public import HTTPCore

/// An application's routes, built once by a `RouteTreeBuilder` and then only read, by any number of threads.
///
/// The tree is flat: its nodes, edges and texts lie in a handful of arrays, and every edge with a label is found in
/// one hash table by its parent and its segment. So the cost of a match grows with the path and not with the number
/// of routes, and matching allocates nothing, locks nothing and makes no String.
///
/// A path is cut at its slashes; what stands between two of them is a segment, and a segment may be empty, `.` or
/// `..`: those are segments like any other. A parameter's place in a path is the index of its segment, so a match
/// records nothing, and a parameter is looked for when somebody asks.
public final class RouteTree: Sendable {
    let nodes: [RouteNode]
    /// The hash table, open to the next place; a power of two in size and at most half full.
    let edges: [RouteEdge]
    /// 64 less the binary logarithm of the table's size.
    let edgeShift: UInt64
    /// Route numbers: for each node with methods one place per method.
    let slots: [UInt32]
    /// The bytes of labels and parameter names.
    let text: [UInt8]
    let routes: [RouteEntry]
    let parameters: [RouteParameter]
    let patterns: [String]

    init(
        nodes: [RouteNode], edges: [RouteEdge], slots: [UInt32], text: [UInt8], routes: [RouteEntry],
        parameters: [RouteParameter], patterns: [String]
    ) {
        self.nodes = nodes
        self.edges = edges
        self.edgeShift = 64 - UInt64(edges.count.trailingZeroBitCount)
        self.slots = slots
        self.text = text
        self.routes = routes
        self.parameters = parameters
        self.patterns = patterns
    }

    /// How many routes there are. They are numbered from 0 in the order in which they were added.
    public var routeCount: Int { routes.count }

    /// The pattern of a route, as it was added.
    public func pattern(route: Int) -> String { patterns[route] }

    /// The method of a route.
    public func method(route: Int) -> Method { routes[route].method }

    /// The names of a route's parameters, in the order in which they stand in its pattern.
    public func parameterNames(route: Int) -> [String] {
        let entry = routes[route]
        let first = Int(entry.firstParameter)
        return parameters[first..<(first + Int(entry.parameterCount))].map { parameter in
            let start = Int(parameter.nameStart)
            return String(decoding: text[start..<(start + Int(parameter.nameCount))], as: UTF8.self)
        }
    }
}
