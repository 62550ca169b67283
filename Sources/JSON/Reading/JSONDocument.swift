/// A validated JSON text and its nodes. Values are converted when they are decoded.
final class JSONDocument {
    let text: [UInt8]
    /// What differs from the coder's own rules.
    let coding: ValueCoding
    // Unchecked, because checking would cost more than reading: every access is one load or one store, here.
    @exclusivity(unchecked) private var nodes: [JSONNode]

    /// Parses the whole text; throws if it is not JSON.
    init(_ text: [UInt8], coding: ValueCoding) throws(JSONSyntaxError) {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: text.span)
        } catch {
            throw JSONSyntaxError("the text is not UTF-8", at: error.byteOffsets.lowerBound)
        }
        var parser = JSONParser()
        try parser.parse(text.span)
        self.text = text
        self.coding = coding
        unsafe nodes = parser.nodes
    }

    subscript(node: Int) -> JSONNode { unsafe nodes[node] }

    /// The value of a member, or nil. Costs one comparison of names if members are looked up in the order of the text.
    func member(_ name: String, of object: Int) -> Int? {
        let end = Int(self[object].next)
        guard end > object + 1 else { return nil }
        let first = Int(self[object].detail)
        var candidate = first
        repeat {
            if hasName(candidate, name) {
                unsafe nodes[object].detail = UInt32(candidate)
                return candidate + 1
            }
            candidate = Int(self[candidate + 1].next)
            if candidate == end { candidate = object + 1 }
        } while candidate != first
        return nil
    }

    /// The nodes of an object's names, in their order.
    func names(of object: Int) -> [Int] {
        var names: [Int] = []
        var name = object + 1
        while name < self[object].next {
            names.append(name)
            name = Int(self[name + 1].next)
        }
        return names
    }

    /// The coding path of a value. Computed on demand, since some types try one shape after the other, which creates an
    /// error for each.
    func path(to node: Int) -> [any CodingKey] {
        var path: [any CodingKey] = []
        var node = node
        while node != 0 {
            let parent = Int(self[node].parent)
            let isMember = self[parent].kind == .object
            path.append(isMember ? JSONPathKey(name: string(at: node - 1)) : JSONPathKey(index: Int(self[node].index)))
            node = parent
        }
        return path.reversed()
    }

    /// The value of a string.
    func string(at node: Int) -> String {
        let text = self.text
        let range = Int(self[node].start)..<Int(self[node].end)
        guard self[node].kind == .escapedString else { return String(decoding: text[range], as: UTF8.self) }
        return String(decoding: JSONEscapes.removed(from: text.span.extracting(range)), as: UTF8.self)
    }

    private func hasName(_ node: Int, _ name: String) -> Bool {
        if self[node].kind == .escapedString { return string(at: node).utf8.elementsEqual(name.utf8) }
        let (start, end) = (Int(self[node].start), Int(self[node].end))
        let name = name.utf8Span.span
        guard name.count == end - start else { return false }
        for index in 0..<name.count where name[index] != text[start + index] { return false }
        return true
    }
}
