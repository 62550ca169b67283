import JSON

/// A container of the fields of a form.
struct FormKeyedContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let fields: FormFields
    let coding: ValueCoding
    let codingPath: [any CodingKey]

    var allKeys: [Key] { fields.names.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { !fields[key.stringValue].isEmpty }

    func decodeNil(forKey key: Key) throws -> Bool { !contains(key) }

    /// Also satisfies the protocol's requirements for each type of number, String and Bool.
    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value { try decodeField(type, key) }

    private func decodeField<Value: Decodable>(_ type: Value.Type, _ key: Key) throws -> Value {
        // An empty list is sent as no field at all.
        if !contains(key), !(type is any Collection.Type) || type is String.Type {
            throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "a field is missing"))
        }
        // Scalars decode themselves from the single value.
        return try decoder(of: key).decoded(type)
    }

    // Without these two, the protocol's defaults would be used, which always throw.
    func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 { try decodeField(type, key) }
    func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 { try decodeField(type, key) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try decoder(of: key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(of: key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder { FormDecoder(.fields(fields), coding: coding, path: codingPath) }

    func superDecoder(forKey key: Key) throws -> any Decoder { decoder(of: key) }

    private func decoder(of key: Key) -> FormDecoder {
        FormDecoder(.values(fields[key.stringValue]), coding: coding, path: codingPath + [key])
    }
}
