/// The decoder of one value in a document: passed to `init(from:)`, and used by containers.
struct JSONValueDecoder {
    let document: JSONDocument
    // Two narrow numbers keep a decoder small enough to fit into an existential without a box.
    private let number: UInt32
    /// How many values are being decoded that contain this one.
    private let depth: UInt32

    init(document: JSONDocument, node: Int, depth: Int) {
        self.document = document
        number = UInt32(node)
        self.depth = UInt32(depth)
    }

    var node: Int { Int(number) }

    var codingPath: [any CodingKey] { document.path(to: node) }

    /// Returns the decoder of a value inside this one.
    func child(_ node: Int) -> JSONValueDecoder { JSONValueDecoder(document: document, node: node, depth: Int(depth)) }

    /// Returns the decoder that is passed to `init(from:)`.
    ///
    /// A small value takes 0.6 KiB of the stack, and 2.5 KiB in a debug build, a large one more. So not only the levels
    /// are bounded, but also what is left of the thread's stack.
    func inner() throws -> JSONValueDecoder {
        // A type that decodes itself from its single value container would otherwise recurse without end.
        guard depth < 2 * JSON.maximumDepth else { throw corrupted("too many values are decoded within each other") }
        guard ThreadStack.hasRoom else { throw corrupted("values are nested deeper than the thread's stack allows") }
        return JSONValueDecoder(document: document, node: node, depth: Int(depth) + 1)
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

extension JSONValueDecoder: Decoder {
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard document[node].kind == .object else { throw mismatch([String: Any].self, "an object") }
        if document.coding.keys == .snakeCase, SnakeCase.applies(to: type) {
            return KeyedDecodingContainer(SnakeCaseDecodingContainer<Key, _>(JSONMembers<JSONPathKey>(decoder: self)))
        }
        return KeyedDecodingContainer(JSONMembers(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard document[node].kind == .array else { throw mismatch([Any].self, "an array") }
        return JSONElements(decoder: self)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }
}

// `decode(_:)` also satisfies the requirements for each numeric type, String and Bool.
extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { document[node].kind == .null }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    func decode(_ type: Int128.Type) throws -> Int128 { try integer(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try integer(type) }
}
