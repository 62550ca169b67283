import HTTPCore

/// A route's method and parameters.
struct RouteEntry {
    var method: Method
    var firstParameter: UInt32
    var parameterCount: UInt32
}
