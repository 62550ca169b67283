/// The search for repeated names in an object.
enum JSONNames {
    /// The largest number of names that are compared with each other; more are put into a set.
    private static let maximumComparedCount = 16

    /// A name that is repeated in the object, or nil. Names are compared byte by byte, with their escapes undone (RFC
    /// 8259 section 8.3).
    static func repeated(in object: Int, _ nodes: [JSONNode], _ text: Span<UInt8>) -> Int? {
        if nodes[object].detail < 2 { return nil }
        if nodes[object].detail > maximumComparedCount { return repeatedOfMany(in: object, nodes, text) }
        // A bit for each kind of name, so that most names need no comparison.
        var kinds: UInt64 = 0
        for name in NameSequence(object, nodes) {
            if nodes[name].kind == .escapedString { return repeatedOfMany(in: object, nodes, text) }
            let kind = 1 << (self.kind(of: nodes[name], text) & 63) as UInt64
            if kinds & kind != 0, isRepeated(name, in: object, nodes, text) { return name }
            kinds |= kind
        }
        return nil
    }

    private static func kind(of name: JSONNode, _ text: Span<UInt8>) -> Int {
        let (start, end) = (Int(name.start), Int(name.end))
        guard start < end else { return 0 }
        return (end - start) &* 7 &+ Int(text[start]) &* 31 &+ Int(text[end - 1]) &* 13
    }

    /// Whether an earlier member of the object has the same name.
    private static func isRepeated(_ name: Int, in object: Int, _ nodes: [JSONNode], _ text: Span<UInt8>) -> Bool {
        let own = text.extracting(Int(nodes[name].start)..<Int(nodes[name].end))
        for earlier in NameSequence(object, nodes) {
            if earlier == name { return false }
            let other = text.extracting(Int(nodes[earlier].start)..<Int(nodes[earlier].end))
            if own.count == other.count, own.indices.allSatisfy({ own[$0] == other[$0] }) { return true }
        }
        return false
    }

    private static func repeatedOfMany(in object: Int, _ nodes: [JSONNode], _ text: Span<UInt8>) -> Int? {
        // The set's hashes are seeded, so a client can't provoke collisions.
        var names = Set<[UInt8]>(minimumCapacity: Int(nodes[object].detail))
        for name in NameSequence(object, nodes) {
            let bytes = text.extracting(Int(nodes[name].start)..<Int(nodes[name].end))
            if !names.insert(JSONEscapes.removed(from: bytes)).inserted { return name }
        }
        return nil
    }

    /// The nodes of an object's names.
    private struct NameSequence: Sequence, IteratorProtocol {
        private let nodes: [JSONNode]
        private let end: Int
        private var name: Int

        init(_ object: Int, _ nodes: [JSONNode]) {
            self.nodes = nodes
            end = Int(nodes[object].next)
            name = object + 1
        }

        mutating func next() -> Int? {
            guard name < end else { return nil }
            defer { name = Int(nodes[name + 1].next) }
            return name
        }
    }
}
