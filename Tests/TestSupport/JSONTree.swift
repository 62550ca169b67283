/// A parsed JSON text, with members and the text of numbers in the original order and form.
package indirect enum JSONTree: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSONTree

        package init(name: String, value: JSONTree) {
            self.name = name
            self.value = value
        }
    }

    /// Parses a text by the grammar of RFC 8259; nil if it is not JSON as a whole.
    package init?(_ text: [UInt8]) {
        var reader = JSONReader(text)
        guard let value = reader.document() else { return nil }
        self = value
    }

    package init?(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// The value of the one member with a name.
    package subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        let found = members.filter { $0.name == name }
        return found.count == 1 ? found[0].value : nil
    }
}
