package import HTTPCore

/// An application's routes, built once by a `RouteTreeBuilder` and then only read, by any number of threads.
///
/// The tree is flat: its nodes, edges and texts are in a few arrays, and one hash table finds every labelled edge by
/// its parent and its segment. So the cost of a match grows with the path and not with the number of routes, and
/// matching allocates nothing, takes no lock and creates no String.
///
/// A path is split at its slashes. The text between two of them is a segment, which may be empty, `.` or `..`: those
/// are segments like any other. A parameter is identified by the index of its segment, so a match records nothing, and
/// a parameter is located when it is requested.
@usableFromInline
package final class RouteTree: Sendable {
    let nodes: [RouteNode]
    /// The hash table, with linear probing; its size is a power of two, and it is at most half full.
    let edges: [RouteEdge]
    /// 64 minus the binary logarithm of the table's size.
    let edgeShift: UInt64
    /// Route numbers: for each node with methods one slot per method.
    let slots: [UInt32]
    /// The bytes of labels and parameter names.
    let text: [UInt8]
    let routes: [RouteEntry]
    let parameters: [RouteParameter]
    @usableFromInline let patterns: [String]
    /// Whether the ASCII letters of literal segments match in either case. The labels are then in lower case.
    package let ignoresCase: Bool

    init(
        nodes: [RouteNode], edges: [RouteEdge], slots: [UInt32], text: [UInt8], routes: [RouteEntry],
        parameters: [RouteParameter], patterns: [String], ignoresCase: Bool
    ) {
        self.nodes = nodes
        self.edges = edges
        self.edgeShift = 64 - UInt64(edges.count.trailingZeroBitCount)
        self.slots = slots
        self.text = text
        self.routes = routes
        self.parameters = parameters
        self.patterns = patterns
        self.ignoresCase = ignoresCase
    }

    /// The pattern of a route, as it was added.
    @inlinable package func pattern(route: Int) -> String { patterns[route] }

    /// The method of a route.
    package func method(route: Int) -> Method { routes[route].method }
}

/// An entry in the hash table of the edges, which lead from one node to another by a literal segment.
struct RouteEdge: BitwiseCopyable {
    /// The label's first eight bytes, little-endian, followed by zeros: all of most labels.
    var prefix: UInt64 = 0
    var parent: UInt32 = 0
    /// The node at the end of the edge; 0 marks a free entry.
    var child: UInt32 = 0
    /// The range of the label's bytes in the tree's text.
    var labelStart: UInt32 = 0
    var labelCount: UInt32 = 0
}

/// A route's method and parameters.
struct RouteEntry {
    var method: Method
    var firstParameter: UInt32
    var parameterCount: UInt32
}

/// A parameter of a route, located in a path by counting slashes: the number is the same in every matching path.
struct RouteParameter: BitwiseCopyable {
    /// The range of the name's bytes in the tree's text.
    var nameStart: UInt32
    var nameCount: UInt32
    /// The number of segments before it.
    var segment: UInt32
    var takesRest: Bool
}
