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
