/// A text that was found to be JSON, and the values in it, which are read when they are asked for.
final class JSONDocument {
    let text: [UInt8]
    private var nodes: [JSONNode]

    /// Reads the text through, and throws if any of it is not JSON.
    init(_ text: [UInt8]) throws(JSONSyntaxError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: text.span)
        } catch {
            throw JSONSyntaxError("the text is not UTF-8", at: error.byteOffsets.lowerBound)
        }
        var parser = JSONParser()
        try parser.parse(text.span)
        self.text = text
        nodes = parser.nodes
    }

    subscript(node: Int) -> JSONNode { nodes[node] }

    /// The value of a member, or nil. Takes no longer than comparing one name if members are asked for in the order in
    /// which they stand.
    func member(_ name: String, of object: Int) -> Int? {
        let end = Int(nodes[object].next)
        guard end > object + 1 else { return nil }
        let first = Int(nodes[object].detail)
        var candidate = first
        repeat {
            if hasName(candidate, name) {
                nodes[object].detail = UInt32(candidate)
                return candidate + 1
            }
            candidate = Int(nodes[candidate + 1].next)
            if candidate == end { candidate = object + 1 }
        } while candidate != first
        return nil
    }

    /// The nodes of an object's names, in their order.
    func names(of object: Int) -> [Int] {
        var names: [Int] = []
        var name = object + 1
        while name < nodes[object].next {
            names.append(name)
            name = Int(nodes[name + 1].next)
        }
        return names
    }

    /// The way from the top to a value.
    func path(to node: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var container = 0
        while container != node {
            let isObject = nodes[container].kind == .object
            // The child that holds the node.
            var child = container + (isObject ? 2 : 1)
            var index = 0
            while nodes[child].next <= node {
                child = Int(nodes[child].next) + (isObject ? 1 : 0)
                index += 1
            }
            path.append(isObject ? JSONPathKey(name: string(at: child - 1)) : JSONPathKey(index: index))
            container = child
        }
        return path
    }

    /// The value of a string.
    func string(at node: Int) -> String {
        let text = self.text
        let range = Int(nodes[node].start)..<Int(nodes[node].end)
        guard nodes[node].kind == .escapedString else { return String(decoding: text[range], as: UTF8.self) }
        return String(decoding: JSONEscapes.removed(from: text.span.extracting(range)), as: UTF8.self)
    }

    private func hasName(_ node: Int, _ name: String) -> Bool {
        if nodes[node].kind == .escapedString { return string(at: node).utf8.elementsEqual(name.utf8) }
        let (start, end) = (Int(nodes[node].start), Int(nodes[node].end))
        let name = name.utf8Span.span
        guard name.count == end - start else { return false }
        for index in 0..<name.count where name[index] != text[start + index] { return false }
        return true
    }
}
