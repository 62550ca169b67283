/// A container that decodes the members of an object.
struct JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: JSONValueDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    var allKeys: [Key] {
        decoder.document.names(of: decoder.node).compactMap { Key(stringValue: decoder.document.string(at: $0)) }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }

    /// Also satisfies the requirements of the protocol for each numeric type, String and Bool.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try member(key).decode(type)
    }

    /// As `decode(_:forKey:)`; nil for a member that is missing or null.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let decoder = find(key), !decoder.decodeNil() else { return nil }
        return try decoder.decode(type)
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try member(key).decode(type) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try member(key).decode(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try member(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try member(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { try member(JSONPathKey.superclass) }

    func superDecoder(forKey key: Key) throws -> any Decoder { try member(key) }

    private func find(_ key: some CodingKey) -> JSONValueDecoder? {
        decoder.document.member(key.stringValue, of: decoder.node).map(decoder.child)
    }

    private func member(_ key: some CodingKey) throws -> JSONValueDecoder {
        if let found = find(key) { return found }
        let offset = decoder.document[decoder.node].byteOffset
        throw DecodingError.keyNotFound(
            key,
            .init(
                codingPath: codingPath,
                debugDescription: "the object at byte \(offset) has no member \"\(key.stringValue)\""))
    }
}
