/// The members of an object, to be decoded.
struct JSONMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.codingPath }

    var allKeys: [Key] {
        place.document.names(of: place.node).compactMap { Key(stringValue: place.document.string(at: $0)) }
    }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try member(key).decodeNil() }

    /// Also stands for the requirements of the protocol for each type of number, String and Bool.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try member(key).decode(type)
    }

    /// As `decode(_:forKey:)`; nil for a member that is not there or null.
    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let place = find(key), !place.decodeNil() else { return nil }
        return try place.decode(type)
    }

    // Without these two, defaults of the protocol would stand for them, which always throw.
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

    private func find(_ key: some CodingKey) -> JSONPlace? {
        place.document.member(key.stringValue, of: place.node).map(place.child)
    }

    private func member(_ key: some CodingKey) throws -> JSONPlace {
        if let found = find(key) { return found }
        let offset = place.document[place.node].byteOffset
        throw DecodingError.keyNotFound(
            key,
            .init(
                codingPath: codingPath,
                debugDescription: "the object at byte \(offset) has no member \"\(key.stringValue)\""))
    }
}
