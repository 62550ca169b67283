/// A node of the tree: the place that a path has reached after as many segments as the node is deep.
///
/// Nodes are numbered, number 0 is the root, and 0 stands for "none" where a child is meant.
struct RouteNode: BitwiseCopyable {
    /// How a node is reached from its parent, from the most specific to the least.
    enum Kind: UInt8, BitwiseCopyable {
        case literal, parameter, rest
    }

    var parent: UInt32 = 0
    /// The literal child that an empty segment leads to; all other literal children are in the hash table.
    var emptyChild: UInt32 = 0
    /// The child that any segment that is not empty leads to.
    var parameterChild: UInt32 = 0
    /// The child that the rest of any path leads to.
    var restChild: UInt32 = 0
    /// Where this node's routes begin in the tree's slots, one for each method; meaningless without methods.
    var firstSlot: UInt32 = 0
    /// The methods that have a route ending here.
    var methods = MethodSet()
    var kind = Kind.literal
    /// Whether any edge in the hash table leaves the node, so that looking for one makes sense.
    var hasEdges = false
}
