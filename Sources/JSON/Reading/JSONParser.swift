/// A parser for the grammar of RFC 8259 and nothing beyond it, which turns a text into the nodes of a document.
///
/// It does not recurse, so nesting costs no stack. A node has 28 bytes and stands for at least two bytes of the text
/// (except the last one), so the nodes take at most fourteen times the memory of the text.
struct JSONParser {
    private(set) var nodes: [JSONNode] = []
    /// The containers that are still open, the outermost first.
    private var open: [Int] = []
    var position = 0

    /// Parses a whole text, whose UTF-8 is valid.
    mutating func parse(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        guard text.count <= Int32.max else { throw JSONSyntaxError("the text is longer than 2 GiB", at: text.count) }
        // An estimate: numbers and short words.
        nodes.reserveCapacity(text.count / 8 + 4)
        repeat { try readValue(text) } while try endsBeforeValue(text)
        guard byte(text) == nil else { throw JSONSyntaxError("there is more than one value", at: position) }
    }

    /// Reads a scalar or an empty container; of any other container, everything up to and including the first one of
    /// these.
    private mutating func readValue(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        while true {
            switch byte(text) {
            case UInt8(ascii: "{"):
                try openContainer(.object)
                if byte(text) == UInt8(ascii: "}") { return try closeContainer(text) }
                try readName(text)
            case UInt8(ascii: "["):
                try openContainer(.array)
                if byte(text) == UInt8(ascii: "]") { return try closeContainer(text) }
                countElement()
            case UInt8(ascii: "\""): return append(try readString(text))
            case UInt8(ascii: "t"): return try readWord("true", .true, text)
            case UInt8(ascii: "f"): return try readWord("false", .false, text)
            case UInt8(ascii: "n"): return try readWord("null", .null, text)
            case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")):
                return append(try readNumber(text))
            case nil: throw JSONSyntaxError("the text ends where a value is expected", at: position)
            case .some: throw JSONSyntaxError("a value is malformed", at: position)
            }
        }
    }

    /// Continues after a value, and closes the containers that end there. Returns whether another value follows.
    private mutating func endsBeforeValue(_ text: Span<UInt8>) throws(JSONSyntaxError) -> Bool {
        while let container = open.last {
            let isObject = nodes[container].kind == .object
            switch byte(text) {
            case UInt8(ascii: ","):
                position += 1
                if isObject { try readName(text) } else { countElement() }
                return true
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject:
                try closeContainer(text)
            case nil:
                throw JSONSyntaxError("the text ends inside \(nodes[container].name)", at: position)
            default:
                throw JSONSyntaxError("a comma or the end of \(nodes[container].name) is missing", at: position)
            }
        }
        return false
    }

    private mutating func openContainer(_ kind: JSONNode.Kind) throws(JSONSyntaxError) {
        guard open.count < JSON.maximumDepth else {
            throw JSONSyntaxError("values are nested more than \(JSON.maximumDepth) deep", at: position)
        }
        append(JSONNode(kind: kind, start: UInt32(position), end: 0, next: 0))
        open.append(nodes.count - 1)
        position += 1
    }

    private mutating func closeContainer(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        position += 1
        let container = open.removeLast()
        nodes[container].end = UInt32(position)
        nodes[container].next = UInt32(nodes.count)
        guard nodes[container].kind == .object else { return }
        if let name = JSONNames.repeated(in: container, nodes, text) {
            throw JSONSyntaxError("a name is repeated in an object", at: nodes[name].byteOffset)
        }
        nodes[container].detail = UInt32(container + 1)
    }

    /// Reads the name of a member and the colon after it.
    private mutating func readName(_ text: Span<UInt8>) throws(JSONSyntaxError) {
        guard byte(text) == UInt8(ascii: "\"") else {
            throw JSONSyntaxError("the name of a member is missing", at: position)
        }
        countElement()
        append(try readString(text))
        guard byte(text) == UInt8(ascii: ":") else {
            throw JSONSyntaxError("the colon after a name is missing", at: position)
        }
        position += 1
    }

    private mutating func readWord(
        _ word: StaticString, _ kind: JSONNode.Kind, _ text: Span<UInt8>
    ) throws(JSONSyntaxError) {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            // In bounds: the loop stays within the literal.
            let letter = unsafe word.utf8Start[index]
            guard position < text.count, text[position] == letter else {
                throw JSONSyntaxError("a value is malformed", at: start)
            }
            position += 1
        }
        append(JSONNode(kind: kind, start: UInt32(start), end: UInt32(position), next: 0))
    }

    /// Adds a node without contents.
    private mutating func append(_ node: JSONNode) {
        var node = node
        node.next = UInt32(nodes.count + 1)
        if let container = open.last {
            node.parent = UInt32(container)
            node.index = nodes[container].detail - 1
        }
        nodes.append(node)
    }

    private mutating func countElement() { nodes[open[open.count - 1]].detail += 1 }

    /// Skips white space and returns the next byte without consuming it; nil at the end.
    private mutating func byte(_ text: Span<UInt8>) -> UInt8? {
        while position < text.count {
            let byte = text[position]
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return byte
            }
        }
        return nil
    }
}
