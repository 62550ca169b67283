/// A node of the tree: the state of a match after as many segments as the node is deep.
///
/// Nodes are numbered. Number 0 is the root, and means "none" as the number of a child.
struct RouteNode: BitwiseCopyable {
    /// The kinds of edges to a node, from the most specific to the least.
    enum Kind: UInt8, BitwiseCopyable {
        case literal, parameter, rest
    }

    var parent: UInt32 = 0
    /// The child for an empty segment; all other literal children are in the hash table.
    var emptyChild: UInt32 = 0
    /// The child for any segment that is not empty.
    var parameterChild: UInt32 = 0
    /// The child for the rest of any path.
    var restChild: UInt32 = 0
    /// The index of this node's first slot in the tree, of one for each method; meaningless without methods.
    var firstSlot: UInt32 = 0
    /// The methods of the routes that end here.
    var methods = MethodSet()
    var kind = Kind.literal
    /// Whether the hash table has an edge from this node.
    var hasEdges = false
}
