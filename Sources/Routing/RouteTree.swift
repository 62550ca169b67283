package import HTTPCore

/// An application's routes, built once by a `RouteTreeBuilder` and then only read, by any number of threads.
///
/// The tree is flat: its nodes, edges and texts lie in a handful of arrays, and every edge with a label is found in
/// one hash table by its parent and its segment. So the cost of a match grows with the path and not with the number
/// of routes, and matching allocates nothing, locks nothing and makes no String.
///
/// A path is cut at its slashes; what stands between two of them is a segment, and a segment may be empty, `.` or
/// `..`: those are segments like any other. A parameter's place in a path is the index of its segment, so a match
/// records nothing, and a parameter is looked for when somebody asks.
@usableFromInline
package final class RouteTree: Sendable {
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
    @usableFromInline let patterns: [String]

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

    /// The pattern of a route, as it was added.
    @inlinable package func pattern(route: Int) -> String { patterns[route] }

    /// The method of a route.
    package func method(route: Int) -> Method { routes[route].method }
}

/// One place in the hash table of the edges: what leads from one node to another by a literal segment.
struct RouteEdge: BitwiseCopyable {
    /// The label's first eight bytes, little-endian, zeros behind the last: all of most labels.
    var prefix: UInt64 = 0
    var parent: UInt32 = 0
    /// The node it leads to; 0 marks a free place.
    var child: UInt32 = 0
    /// Where the label's bytes are in the tree's text.
    var labelStart: UInt32 = 0
    var labelCount: UInt32 = 0
}

/// A route's method and parameters.
struct RouteEntry {
    var method: Method
    var firstParameter: UInt32
    var parameterCount: UInt32
}

/// A parameter of a route, found in a path by counting slashes: its place is the same in every path that matches.
struct RouteParameter: BitwiseCopyable {
    /// The name's bytes in the tree's text.
    var nameStart: UInt32
    var nameCount: UInt32
    /// How many segments come before it.
    var segment: UInt32
    var takesRest: Bool
}
