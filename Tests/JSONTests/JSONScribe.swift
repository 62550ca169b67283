import HTTPCore
import JSON
import TestSupport
import Testing

/// Writes at random to containers opened at random, and keeps a plain tree of what it wrote.
final class JSONScribe: Encodable {
    /// A value of the tree, which may still change.
    final class Node {
        var tree: JSONTree {
            switch content {
            case .leaf(let tree): tree
            case .array(let nodes): .array(nodes.map(\.tree))
            case .object(let members): .object(members.map { .init(name: $0.name, value: $0.node.tree) })
            }
        }

        enum Content {
            case leaf(JSONTree)
            case array([Node])
            case object([(name: String, node: Node)])
        }

        /// A value that encodes nothing is an empty object.
        var content = Content.object([])
    }

    /// A container or encoder, and the node that represents it.
    enum Pen {
        case object(KeyedEncodingContainer<AnyKey>, Node)
        case array(any UnkeyedEncodingContainer, Node)
        case place(any Encoder, Node)
        case used
    }

    let root = Node()
    private var random: SeededGenerator
    private var pens: [Pen] = []
    private var written = 0

    init(seed: UInt64) {
        random = SeededGenerator(seed: seed)
    }

    func encode(to encoder: any Encoder) throws {
        try scribble(encoder, root, depth: 0)
    }

    /// Encodes one value. The values inside it may write to all pens, also to those of enclosing values.
    private func scribble(_ encoder: any Encoder, _ node: Node, depth: Int) throws {
        let first = pens.count
        fill(encoder, node, mayBeLeaf: depth > 0)
        for _ in 0..<Int.random(in: 0..<14, using: &random) where !pens.isEmpty {
            // Mostly one of the newest, as ordinary code would.
            let isNear = Int.random(in: 0..<3, using: &random) > 0
            let index = isNear ? pens.count - 1 : Int.random(in: 0..<pens.count, using: &random)
            try write(with: index, depth: depth)
        }
        // Containers end with the value that created them.
        pens.removeSubrange(first...)
    }

    private func write(with index: Int, depth: Int) throws {
        written += 1
        switch pens[index] {
        case .object(var container, let node): try member(of: &container, node, depth: depth)
        case .array(var container, let node): try element(of: &container, node, depth: depth)
        case .place(let encoder, let node):
            pens[index] = .used
            fill(encoder, node, mayBeLeaf: true)
        case .used: break
        }
    }

    /// Sets the value of a node.
    private func fill(_ encoder: any Encoder, _ node: Node, mayBeLeaf: Bool) {
        switch Int.random(in: 0..<(mayBeLeaf ? 4 : 2), using: &random) {
        case 0:
            node.content = .object([])
            pens.append(.object(encoder.object(), node))
        case 1:
            node.content = .array([])
            pens.append(.array(encoder.unkeyedContainer(), node))
        case 2:
            node.content = .leaf(.number("\(written)"))
            var container = encoder.singleValueContainer()
            try? container.encode(written)
        default: break
        }
    }

    private func member(of container: inout KeyedEncodingContainer<AnyKey>, _ node: Node, depth: Int) throws {
        let key = AnyKey(stringValue: "\(written)")
        let inner = Node()
        guard case .object(let members) = node.content else { return }
        node.content = .object(members + [(key.stringValue, inner)])
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
            pens.append(.object(container.nestedContainer(keyedBy: AnyKey.self, forKey: key), inner))
        case 1:
            inner.content = .array([])
            pens.append(.array(container.nestedUnkeyedContainer(forKey: key), inner))
        case 2: pens.append(.place(container.superEncoder(forKey: key), inner))
        case 3 where depth < 4:
            try container.encode(Custom { try self.scribble($0, inner, depth: depth + 1) }, forKey: key)
        case 4:
            inner.content = .leaf(.null)
            try container.encodeNil(forKey: key)
        default:
            inner.content = .leaf(.string("text"))
            try container.encode("text", forKey: key)
        }
    }

    private func element(of container: inout any UnkeyedEncodingContainer, _ node: Node, depth: Int) throws {
        let inner = Node()
        guard case .array(let nodes) = node.content else { return }
        #expect(container.count == nodes.count)
        node.content = .array(nodes + [inner])
        switch Int.random(in: 0..<6, using: &random) {
        case 0: pens.append(.object(container.nestedContainer(keyedBy: AnyKey.self), inner))
        case 1:
            inner.content = .array([])
            pens.append(.array(container.nestedUnkeyedContainer(), inner))
        case 2: pens.append(.place(container.superEncoder(), inner))
        case 3 where depth < 4:
            try container.encode(Custom { try self.scribble($0, inner, depth: depth + 1) })
        case 4:
            inner.content = .leaf(.null)
            try container.encodeNil()
        default:
            inner.content = .leaf(.bool(true))
            try container.encode(true)
        }
    }
}
