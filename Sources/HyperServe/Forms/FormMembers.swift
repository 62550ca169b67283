/// The fields of a form, to be decoded.
struct FormMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: FormFields
    let codingPath: [any CodingKey]

    var allKeys: [Key] { fields.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { !fields[key.stringValue].isEmpty }

    func decodeNil(forKey key: Key) throws -> Bool { !contains(key) }

    /// Also stands for the requirements of the protocol for each type of number, String and Bool.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try decodeField(type, key) }

    private func decodeField<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
        // An empty list and a field that is not there look alike.
        if !contains(key), !(type is any Collection.Type) || type is String.Type {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "a field is missing"))
        }
        // Scalars read themselves from the single value.
        return try Value(from: place(key))
    }

    // Without these two, defaults of the protocol would stand for them, which always throw.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try decodeField(type, key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try decodeField(type, key) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try place(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try place(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { FormPlace(.fields(fields), path: codingPath) }

    func superDecoder(forKey key: Key) throws -> any Decoder { place(key) }

    private func place(_ key: Key) -> FormPlace {
        FormPlace(.values(fields[key.stringValue]), path: codingPath + [key])
    }
}
