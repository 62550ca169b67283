/// The place of one value in a document: what a type's `init(from:)` is given, and what containers refer to.
struct JSONPlace {
    let document: JSONDocument
    // Two narrow numbers keep a place small enough to fit into an existential without a box.
    private let number: UInt32
    /// How many values are being decoded around this one.
    private let depth: UInt32

    init(document: JSONDocument, node: Int, depth: Int) {
        self.document = document
        number = UInt32(node)
        self.depth = UInt32(depth)
    }

    var node: Int { Int(number) }

    var codingPath: [any CodingKey] { document.path(to: node) }

    /// Another place of the document, in this one.
    func child(_ node: Int) -> JSONPlace { JSONPlace(document: document, node: node, depth: Int(depth)) }

    /// The same place, for a type that decodes itself from it.
    func inner() throws -> JSONPlace {
        // A type that decodes itself out of a single value would otherwise do so for ever.
        guard depth < 2 * JSON.maximumDepth else { throw corrupted("too many values are decoded inside each other") }
        return JSONPlace(document: document, node: node, depth: Int(depth) + 1)
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        let found = document[node]
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "expected \(expected), found \(found.name) at byte \(found.byteOffset)"
        )
        return found.kind == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func corrupted(_ reason: String) -> DecodingError {
        .dataCorrupted(
            .init(codingPath: codingPath, debugDescription: "\(reason) at byte \(document[node].byteOffset)"))
    }
}

extension JSONPlace: Decoder {
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard document[node].kind == .object else { throw mismatch([String: Any].self, "an object") }
        return KeyedDecodingContainer(JSONMembers(place: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard document[node].kind == .array else { throw mismatch([Any].self, "an array") }
        return JSONElements(place: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

// `decode(_:)` also stands for the requirements for each type of number, String and Bool.
extension JSONPlace: SingleValueDecodingContainer {
    func decodeNil() -> Bool { document[node].kind == .null }

    // Without these two, defaults of the protocol would stand for them, which always throw.
    func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }
}
