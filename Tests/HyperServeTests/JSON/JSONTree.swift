/// A JSON text, read: members in the order in which they stand, numbers as they are written.
indirect enum JSONTree: Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])

    struct Member: Equatable {
        let name: String
        let value: JSONTree
    }

    /// Reads a text by the grammar of RFC 8259 and nothing beyond it; nil when it is not JSON, to the last byte.
    init?(_ text: [UInt8]) {
        var reader = JSONReader(text)
        guard let value = reader.document() else { return nil }
        self = value
    }

    init?(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// The value of the one member with a name.
    subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        let found = members.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }
}
