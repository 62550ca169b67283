/// A parameter of a route, found in a path by counting slashes: its place is the same in every path that matches.
struct RouteParameter: BitwiseCopyable {
    /// The name's bytes in the tree's text.
    var nameStart: UInt32
    var nameCount: UInt32
    /// How many segments come before it.
    var segment: UInt32
    var takesRest: Bool
}
