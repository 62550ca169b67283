package import HTTPCore

/// A builder that collects routes, refuses those that are malformed or in conflict, and creates the tree.
package struct RouteTreeBuilder: Sendable {
    /// An edge with a label, for finding a literal child while building.
    private struct LiteralKey: Hashable {
        let node: UInt32
        let label: [UInt8]
    }

    /// The value of a slot whose method has no route.
    private static let noRoute = UInt32.max

    private let methods: MethodTable
    private var nodes = [RouteNode()]
    private var literalChildren: [LiteralKey: UInt32] = [:]
    private var edges: [RouteEdge] = []
    private var slots: [UInt32] = []
    private var text: [UInt8] = []
    private var routes: [RouteEntry] = []
    private var parameters: [RouteParameter] = []
    private var patterns: [String] = []
    private let ignoresCase: Bool

    /// Creates a builder for routes with the standard methods and those of a table.
    ///
    /// - Parameter ignoresCase: whether the ASCII letters of literal segments match in either case. Parameters keep
    ///   their values as sent.
    package init(methods: MethodTable = .init(), ignoresCase: Bool = false) {
        self.methods = methods
        self.ignoresCase = ignoresCase
    }

    /// Adds a route and returns its number: 0 for the first, and so on.
    ///
    /// A pattern begins with a slash, and each of its segments has one of three forms. Literal text matches a segment
    /// with the same bytes; both are percent-decoded. `{name}` matches one segment that is not empty. `{name...}`,
    /// which must be the last, matches the rest of the path after the preceding slash, even an empty rest:
    /// `/files/{path...}` matches `/files/` and `/files/a/b` but not `/files`, as in Go's `net/http`. Literal text
    /// can't contain braces, `?` or `#` except percent-encoded, and neither can it look like a parameter of another
    /// router, such as `:id`.
    ///
    /// - Throws: `RouteError`; the builder is then unchanged. Two routes of one method conflict if they differ only in
    ///   the names of their parameters; where several different patterns match a path, the most specific one takes
    ///   precedence, so they do not conflict.
    @discardableResult
    package mutating func add(method: Method, pattern: String) throws(RouteError) -> Int {
        let pattern = try RoutePattern(pattern)
        guard let number = methods.number(of: method) else {
            throw .tooManyMethods(method: method, maximum: MethodTable.maximumOtherCount)
        }
        var node: UInt32 = 0
        for segment in pattern.segments { node = child(of: node, for: segment) }
        if nodes[Int(node)].methods.contains(number) {
            let existing = Int(slots[Int(nodes[Int(node)].firstSlot) + Int(number.rawValue)])
            throw .conflict(method: method, pattern: pattern.text, existing: patterns[existing])
        }
        let route = routes.count
        addSlot(node: Int(node), method: number, route: UInt32(route))
        addEntry(method: method, pattern: pattern)
        return route
    }

    /// Returns the tree of all routes added.
    package consuming func build() -> RouteTree {
        RouteTree(
            nodes: nodes, edges: hashedEdges(), slots: slots, text: text, routes: routes, parameters: parameters,
            patterns: patterns, ignoresCase: ignoresCase
        )
    }

    /// Returns the child for `segment`, created if there is none yet.
    ///
    /// A route in conflict creates no nodes, since the other route created all of them.
    private mutating func child(of parent: UInt32, for segment: RoutePattern.Segment) -> UInt32 {
        let next = UInt32(nodes.count)
        switch segment {
        case .literal(let literal):
            let label = ignoresCase ? literal.map(ASCII.lowercased) : literal
            if label.isEmpty {
                if nodes[Int(parent)].emptyChild != 0 { return nodes[Int(parent)].emptyChild }
                nodes[Int(parent)].emptyChild = next
            } else {
                let key = LiteralKey(node: parent, label: label)
                if let known = literalChildren[key] { return known }
                literalChildren[key] = next
                nodes[Int(parent)].hasEdges = true
                addEdge(parent: parent, child: next, label: label)
            }
            nodes.append(RouteNode(parent: parent, kind: .literal))
        case .parameter:
            if nodes[Int(parent)].parameterChild != 0 { return nodes[Int(parent)].parameterChild }
            nodes[Int(parent)].parameterChild = next
            nodes.append(RouteNode(parent: parent, kind: .parameter))
        case .rest:
            if nodes[Int(parent)].restChild != 0 { return nodes[Int(parent)].restChild }
            nodes[Int(parent)].restChild = next
            nodes.append(RouteNode(parent: parent, kind: .rest))
        }
        return next
    }

    private mutating func addEdge(parent: UInt32, child: UInt32, label: [UInt8]) {
        edges.append(
            RouteEdge(
                prefix: Self.word(label.prefix(8)), parent: parent, child: child, labelStart: UInt32(text.count),
                labelCount: UInt32(label.count)
            )
        )
        text += label
    }

    private mutating func addSlot(node: Int, method: MethodNumber, route: UInt32) {
        if nodes[node].methods.isEmpty {
            nodes[node].firstSlot = UInt32(slots.count)
            slots += repeatElement(Self.noRoute, count: methods.numberCount)
        }
        nodes[node].methods.insert(MethodSet(method))
        slots[Int(nodes[node].firstSlot) + Int(method.rawValue)] = route
    }

    private mutating func addEntry(method: Method, pattern: RoutePattern) {
        let first = parameters.count
        for (index, segment) in pattern.segments.enumerated() {
            guard let name = segment.name else { continue }
            parameters.append(
                RouteParameter(
                    nameStart: UInt32(text.count), nameCount: UInt32(name.utf8.count), segment: UInt32(index),
                    takesRest: segment == .rest(name)
                )
            )
            text += name.utf8
        }
        routes.append(
            RouteEntry(
                method: method, firstParameter: UInt32(first),
                parameterCount: UInt32(parameters.count - first)
            )
        )
        patterns.append(pattern.text)
    }

    /// Returns the hash table of the edges, with linear probing.
    private func hashedEdges() -> [RouteEdge] {
        var count = 2
        while count < edges.count * 2 { count *= 2 }
        let shift = 64 - UInt64(count.trailingZeroBitCount)
        var table = [RouteEdge](repeating: RouteEdge(), count: count)
        for edge in edges {
            let start = Int(edge.labelStart)
            let label = text[start..<(start + Int(edge.labelCount))]
            var hash = SegmentHash(node: edge.parent, prefix: edge.prefix)
            for offset in stride(from: 8, through: label.count, by: 8) {
                hash.mix(Self.word(label.dropFirst(offset).prefix(8)))
            }
            var index = hash.index(shift: shift)
            while table[index].child != 0 { index = (index + 1) & (count - 1) }
            table[index] = edge
        }
        return table
    }

    /// Up to eight bytes as a little-endian word, followed by zeros.
    private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
