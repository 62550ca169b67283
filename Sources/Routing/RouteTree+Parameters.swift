package import HTTPCore

extension RouteTree {
    /// The range of a parameter's value, still encoded, in a path that this route matched; nil if the route has no
    /// parameter of that name.
    ///
    /// The value of `{name}` is never empty; that of `{name...}` extends to the end of the path, slashes included, and
    /// may be empty. The range is relative to the path's first byte. Nothing is allocated: the slashes are counted
    /// again.
    package func parameter(_ name: String, route: Int, path: RawSpan) -> ByteRange? {
        let entry = routes[route]
        // The UTF-8 of a String has no padding.
        let name = unsafe name.utf8.span.bytes
        let first = Int(entry.firstParameter)
        for index in first..<(first &+ Int(entry.parameterCount)) where isName(of: parameters[index], name) {
            return Self.range(of: parameters[index], path: path)
        }
        return nil
    }

    @inline(__always)
    private func isName(of parameter: RouteParameter, _ name: borrowing RawSpan) -> Bool {
        guard name.byteCount == Int(parameter.nameCount) else { return false }
        let start = Int(parameter.nameStart)
        for offset in 0..<name.byteCount where name.byte(at: offset) != text[start &+ offset] { return false }
        return true
    }

    private static func range(of parameter: RouteParameter, path: borrowing RawSpan) -> ByteRange? {
        if path.byteCount == 0 { return ByteRange() }
        var start = 1
        for _ in 0..<parameter.segment {
            start = PathSegment(path, start: start, node: 0).end &+ 1
            // The route did not match the path, unless a trailing slash is to be added to it.
            guard start <= path.byteCount else {
                return parameter.takesRest ? ByteRange(start: path.byteCount, end: path.byteCount) : nil
            }
        }
        return ByteRange(
            start: start, end: parameter.takesRest ? path.byteCount : PathSegment(path, start: start, node: 0).end)
    }
}
