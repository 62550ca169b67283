package import HTTPCore

extension RouteTree {
    /// Finds the route for a method and a path. An empty path, as an absolute target may have it, is `/`.
    ///
    /// Where several patterns match, the most specific one that has the method wins: from the left, a literal
    /// segment goes before `{name}`, and `{name}` before `{name...}`, and a pattern is given up only where the rest
    /// of it does not match. A HEAD request takes the GET route of a pattern that has none for HEAD.
    ///
    /// Ask with `.options` for what an OPTIONS request or a 405 tells of a path: unless a route for OPTIONS is
    /// found, the answer holds all methods that the path has.
    ///
    /// It allocates nothing. The work is bounded by the nodes of the tree: no node is entered twice.
    ///
    /// - Parameters:
    ///   - path: the path as sent. One that does not begin with a slash is not found.
    ///   - pathIsEncoded: whether it holds a percent sign. Literal segments are then compared with decoded bytes;
    ///     an encoded slash never separates segments.
    package func match(method: Method, path: RawSpan, pathIsEncoded: Bool) -> RouteMatch {
        pathIsEncoded ? matchDecoding(method: method, path: path) : find(method, path, isEncoded: false)
    }

    /// Out of line, so that what decoding needs does not weigh on the other case.
    @inline(never)
    private func matchDecoding(method: Method, path: RawSpan) -> RouteMatch {
        find(method, path, isEncoded: true)
    }

    /// The search. Inlined, so that each of its two callers has a loop for its kind of path.
    @inline(__always)
    private func find(_ method: Method, _ path: borrowing RawSpan, isEncoded: Bool) -> RouteMatch {
        var start = 0
        if path.byteCount > 0 {
            guard path.byte(at: 0) == UInt8(ascii: "/") else { return .notFound }
            start = 1
        }
        // A span can be had of a local array only; no reference is counted for it.
        let nodeArray = nodes
        let nodes = nodeArray.span
        var allowed = MethodSet()
        var node: UInt32 = 0
        while true {
            let segment =
                isEncoded
                ? PathSegment(decoding: path, start: start, node: node) : PathSegment(path, start: start, node: node)
            let current = nodes[Int(node)]
            var child: UInt32 = 0
            if segment.isEmpty {
                child = current.emptyChild
            } else {
                if current.hasEdges { child = follow(segment, of: path, from: node, isEncoded: isEncoded) }
                if child == 0 { child = current.parameterChild }
            }
            if child != 0 {
                if segment.end < path.byteCount {
                    node = child
                    start = segment.end &+ 1
                    continue
                }
                let leaf = nodes[Int(child)]
                if let route = route(method, at: leaf) { return .found(route: route) }
                allowed.formUnion(leaf.methods)
            }
            let turn = turn(method, path, at: node, start: start, end: segment.end, failed: child, allowed: allowed)
            if turn.node == 0 { return turn.match }
            node = turn.node
            start = turn.start
            allowed = turn.allowed
        }
    }

    /// The node that a segment's edge leads to, or 0.
    @inline(__always)
    private func follow(
        _ segment: PathSegment, of path: borrowing RawSpan, from node: UInt32, isEncoded: Bool
    ) -> UInt32 {
        let edgeArray = edges
        let edges = edgeArray.span
        let mask = edges.count &- 1
        var place = segment.hash.place(shift: edgeShift)
        // Ends, because at least half of the places are free.
        while true {
            let edge = edges[place & mask]
            if edge.prefix == segment.prefix, edge.parent == node, Int(edge.labelCount) == segment.decodedCount,
                edge.labelCount <= 8
                    || isLabel(
                        from: Int(edge.labelStart), count: Int(edge.labelCount), of: path, start: segment.start,
                        isEncoded: isEncoded
                    )
            {
                return edge.child
            }
            if edge.child == 0 { return 0 }
            place &+= 1
        }
    }

    /// What there is to do when the most specific choice for a segment has failed.
    private struct Turn {
        /// The node to go on from, or 0 when `match` is the answer.
        var node: UInt32
        /// The segment to go on with.
        var start: Int
        /// The methods of the patterns that matched so far, without the one asked for.
        var allowed: MethodSet
        var match: RouteMatch
    }

    /// Takes the next less specific choice: for the segment from `start` to `end`, or else for one before it.
    ///
    /// The choices made before are not kept anywhere: the nodes above `node` and the slashes before `start` tell
    /// them. Out of line, since most paths never need it.
    @inline(never)
    private func turn(
        _ method: Method, _ path: borrowing RawSpan, at node: UInt32, start: Int, end: Int, failed: UInt32,
        allowed: MethodSet
    ) -> Turn {
        var (node, start, end, allowed) = (node, start, end, allowed)
        var kind = failed == 0 ? RouteNode.Kind.parameter : nodes[Int(failed)].kind
        while true {
            let child = nextChild(of: nodes[Int(node)], after: kind, isEmpty: start == end)
            if child == 0 {
                if node == 0 { return Turn(node: 0, start: 0, allowed: allowed, match: Self.failure(allowed)) }
                end = start &- 1
                start = Self.segmentStart(path, end: end)
                kind = nodes[Int(node)].kind
                node = nodes[Int(node)].parent
                continue
            }
            let leaf = nodes[Int(child)]
            kind = leaf.kind
            if end < path.byteCount && kind != .rest {
                return Turn(node: child, start: end &+ 1, allowed: allowed, match: .notFound)
            }
            if let route = route(method, at: leaf) {
                return Turn(node: 0, start: 0, allowed: allowed, match: .found(route: route))
            }
            allowed.formUnion(leaf.methods)
        }
    }

    /// Whether a label of more than eight bytes is the segment from `start`, which begins with the same eight and is
    /// as long once decoded.
    @inline(never)
    private func isLabel(
        from labelStart: Int, count: Int, of path: borrowing RawSpan, start: Int, isEncoded: Bool
    ) -> Bool {
        let text = text
        // Bytes of bytes: there is nothing in a UInt8 that they could expose.
        let label = unsafe text.span.bytes
        if isEncoded {
            var position = start
            for offset in labelStart..<(labelStart &+ count)
            where PathSegment.nextDecodedByte(path, at: &position) != label.byte(at: offset) {
                return false
            }
            return true
        }
        // The last eight bytes, some of them for the second time, and then all those between.
        var offset = count &- 8
        repeat {
            let expected: UInt64 = label.load(at: labelStart &+ offset)
            if expected != path.load(at: start &+ offset) { return false }
            offset &-= 8
        } while offset > 0
        return true
    }

    /// The next less specific child that a segment may lead to once those of `kind` and before have failed, or 0.
    @inline(__always)
    private func nextChild(of node: RouteNode, after kind: RouteNode.Kind, isEmpty: Bool) -> UInt32 {
        switch kind {
        case .literal: node.parameterChild != 0 && !isEmpty ? node.parameterChild : node.restChild
        case .parameter: node.restChild
        case .rest: 0
        }
    }

    /// The route of the method, or of GET for HEAD, among those that end at a node.
    @inline(__always)
    private func route(_ method: Method, at node: RouteNode) -> Int? {
        if node.methods.contains(method) { return Int(slots[Int(node.firstSlot) &+ Int(method.rawValue)]) }
        guard method == .head && node.methods.contains(.get) else { return nil }
        return Int(slots[Int(node.firstSlot) &+ Int(Method.get.rawValue)])
    }

    private static func failure(_ allowed: MethodSet) -> RouteMatch {
        allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.withAutomaticMethods)
    }

    /// Where the segment that ends at `end` begins.
    private static func segmentStart(_ path: borrowing RawSpan, end: Int) -> Int {
        var start = end
        while start > 0 && path.byte(at: start &- 1) != UInt8(ascii: "/") { start &-= 1 }
        return start
    }
}

/// What a route tree says about a method and a path.
package enum RouteMatch: Sendable, Equatable {
    /// The route to run, as numbered by `RouteTreeBuilder.add`.
    case found(route: Int)

    /// The path is known and the method is not one of its own: 405, or the answer to an OPTIONS request.
    ///
    /// `allowed` joins the methods of every pattern that matches the path, with HEAD where there is GET, and OPTIONS.
    case methodNotAllowed(allowed: MethodSet)

    /// No pattern matches the path: 404.
    case notFound
}
