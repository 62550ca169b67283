package import HTTPCore

extension RouteTree {
    /// Returns the route for a method and a path. An empty path, which an absolute target may have, is `/`.
    ///
    /// Where several patterns match, the most specific one that has the method takes precedence: from the left, a
    /// literal segment over `{name}`, and `{name}` over `{name...}`. A pattern is abandoned only if the rest of it does
    /// not match. A HEAD request takes the GET route of a pattern that has none for HEAD.
    ///
    /// With `.options` as the method, the result is what an OPTIONS request or a 405 needs: unless there is a route for
    /// OPTIONS, it has all methods of the path.
    ///
    /// Matching allocates nothing. The work is bounded by the nodes of the tree: no node is visited twice.
    ///
    /// - Parameters:
    ///   - method: one of the tree's methods. `.other` is none, so that the result is that of any unknown method.
    ///   - path: the path as sent. One that does not begin with a slash is not found.
    ///   - pathIsEncoded: whether it contains a percent sign. Literal segments are then compared with decoded bytes; an
    ///     encoded slash never separates segments. True for every path if the tree ignores case.
    package func match(method: MethodNumber, path: RawSpan, pathIsEncoded: Bool) -> RouteMatch {
        assert(pathIsEncoded || !ignoresCase, "the labels of this tree are in lower case")
        return pathIsEncoded ? matchDecoding(method: method, path: path) : find(method, path, as: .plain)
    }

    /// Out of line, so that decoding does not slow down the other case.
    @inline(never)
    private func matchDecoding(method: MethodNumber, path: RawSpan) -> RouteMatch {
        ignoresCase ? find(method, path, as: .ignoringCase) : find(method, path, as: .encoded)
    }

    /// How the segments of a path are read.
    private enum Reading {
        /// As they are, eight bytes at a time.
        case plain
        /// Percent-decoded.
        case encoded
        /// Percent-decoded and in lower case.
        case ignoringCase
    }

    /// The search. Inlined, so that each of its callers gets a loop for its kind of path.
    @inline(__always)
    private func find(_ method: MethodNumber, _ path: borrowing RawSpan, as reading: Reading) -> RouteMatch {
        var start = 0
        if path.byteCount > 0 {
            guard path.byte(at: 0) == UInt8(ascii: "/") else { return .notFound }
            start = 1
        }
        // Only a local array provides a span; no reference is counted for it.
        let nodeArray = nodes
        let nodes = nodeArray.span
        var allowed = MethodSet()
        var node: UInt32 = 0
        while true {
            let segment =
                switch reading {
                case .plain: PathSegment(path, start: start, node: node)
                case .encoded: PathSegment(decoding: path, start: start, node: node)
                case .ignoringCase: PathSegment(decodingIgnoringCase: path, start: start, node: node)
                }
            let current = nodes[Int(node)]
            var child: UInt32 = 0
            if segment.isEmpty {
                child = current.emptyChild
            } else {
                if current.hasEdges { child = follow(segment, of: path, from: node, isEncoded: reading != .plain) }
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

    /// The node at the end of a segment's edge, or 0.
    @inline(__always)
    private func follow(
        _ segment: PathSegment, of path: borrowing RawSpan, from node: UInt32, isEncoded: Bool
    ) -> UInt32 {
        let edgeArray = edges
        let edges = edgeArray.span
        let mask = edges.count &- 1
        var index = segment.hash.index(shift: edgeShift)
        // Ends, because at least half of the entries are free.
        while true {
            let edge = edges[index & mask]
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
            index &+= 1
        }
    }

    /// The state of a search in which the most specific choice for a segment has failed.
    private struct Turn {
        /// The node at which the search continues, or 0 if `match` is the result.
        var node: UInt32
        /// The segment with which the search continues.
        var start: Int
        /// The methods of the patterns that matched so far, without the requested one.
        var allowed: MethodSet
        var match: RouteMatch
    }

    /// Makes the next less specific choice: for the segment from `start` to `end`, or else for an earlier one.
    ///
    /// Earlier choices are not stored: they follow from the ancestors of `node` and the slashes before `start`. Out of
    /// line, since most paths never need it.
    @inline(never)
    private func turn(
        _ method: MethodNumber, _ path: borrowing RawSpan, at node: UInt32, start: Int, end: Int, failed: UInt32,
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

    /// Whether a label of more than eight bytes is equal to the segment from `start`, which begins with the same eight
    /// and has the same decoded length.
    @inline(never)
    private func isLabel(
        from labelStart: Int, count: Int, of path: borrowing RawSpan, start: Int, isEncoded: Bool
    ) -> Bool {
        if isEncoded { return isDecodedLabel(from: labelStart, count: count, of: path, start: start) }
        let text = text
        // A UInt8 has no padding.
        let label = unsafe text.span.bytes
        // The last eight bytes, which may overlap the first, and then all those between.
        var offset = count &- 8
        repeat {
            let expected: UInt64 = label.load(at: labelStart &+ offset)
            if expected != path.load(at: start &+ offset) { return false }
            offset &-= 8
        } while offset > 0
        return true
    }

    /// Whether a label is equal to the segment from `start`, decoded. Out of line, so that its need of registers does
    /// not slow down the other case.
    @inline(never)
    private func isDecodedLabel(from labelStart: Int, count: Int, of path: borrowing RawSpan, start: Int) -> Bool {
        let text = text
        // A UInt8 has no padding.
        let label = unsafe text.span.bytes
        var position = start
        for offset in labelStart..<(labelStart &+ count) {
            let byte = PathSegment.nextDecodedByte(path, at: &position)
            guard (ignoresCase ? byte.map(ASCII.lowercased) : byte) == label.byte(at: offset) else { return false }
        }
        return true
    }

    /// The next less specific child for a segment after those up to `kind` have failed, or 0.
    @inline(__always)
    private func nextChild(of node: RouteNode, after kind: RouteNode.Kind, isEmpty: Bool) -> UInt32 {
        switch kind {
        case .literal: node.parameterChild != 0 && !isEmpty ? node.parameterChild : node.restChild
        case .parameter: node.restChild
        case .rest: 0
        }
    }

    /// The route of the method, or of GET for HEAD, that ends at a node.
    @inline(__always)
    private func route(_ method: MethodNumber, at node: RouteNode) -> Int? {
        if node.methods.contains(method) { return Int(slots[Int(node.firstSlot) &+ Int(method.rawValue)]) }
        guard method == .head && node.methods.contains(.get) else { return nil }
        return Int(slots[Int(node.firstSlot) &+ Int(MethodNumber.get.rawValue)])
    }

    private static func failure(_ allowed: MethodSet) -> RouteMatch {
        allowed.isEmpty ? .notFound : .methodNotAllowed(allowed: allowed.withAutomaticMethods)
    }

    /// The start of the segment that ends at `end`.
    private static func segmentStart(_ path: borrowing RawSpan, end: Int) -> Int {
        var start = end
        while start > 0 && path.byte(at: start &- 1) != UInt8(ascii: "/") { start &-= 1 }
        return start
    }
}

/// The result of matching a method and a path.
package enum RouteMatch: Sendable, Equatable {
    /// The number of the matching route, as returned by `RouteTreeBuilder.add`.
    case found(route: Int)

    /// The path matches but not the method: 405, or the response to an OPTIONS request.
    ///
    /// `allowed` contains the methods of every pattern that matches the path, HEAD if there is GET, and OPTIONS.
    case methodNotAllowed(allowed: MethodSet)

    /// No pattern matches the path: 404.
    case notFound
}
