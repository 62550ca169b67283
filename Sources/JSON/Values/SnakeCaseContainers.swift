/// A container that encodes members under their names in snake case.
struct SnakeCaseEncodingContainer<Key: CodingKey, Base: KeyedEncodingContainerProtocol>: KeyedEncodingContainerProtocol
where Base.Key == JSONPathKey {
    private var base: Base

    init(_ base: Base) { self.base = base }

    var codingPath: [any CodingKey] { base.codingPath }

    mutating func encodeNil(forKey key: Key) throws { try base.encodeNil(forKey: SnakeCase.key(key)) }

    /// Also satisfies the requirements of the protocol for each numeric type, String and Bool.
    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try base.encode(value, forKey: SnakeCase.key(key))
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    mutating func encode(_ value: Int128, forKey key: Key) throws { try base.encode(value, forKey: SnakeCase.key(key)) }
    mutating func encode(_ value: UInt128, forKey key: Key) throws {
        try base.encode(value, forKey: SnakeCase.key(key))
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        base.nestedContainer(keyedBy: keyType, forKey: SnakeCase.key(key))
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        base.nestedUnkeyedContainer(forKey: SnakeCase.key(key))
    }

    mutating func superEncoder() -> any Encoder { base.superEncoder() }

    mutating func superEncoder(forKey key: Key) -> any Encoder { base.superEncoder(forKey: SnakeCase.key(key)) }
}

/// A container that decodes members and fields by their names in snake case.
package struct SnakeCaseDecodingContainer<Key: CodingKey, Base: KeyedDecodingContainerProtocol>:
    KeyedDecodingContainerProtocol
where Base.Key == JSONPathKey {
    private let base: Base

    package init(_ base: Base) { self.base = base }

    package var codingPath: [any CodingKey] { base.codingPath }

    package var allKeys: [Key] { base.allKeys.compactMap { SnakeCase.key(Key.self, from: $0.stringValue) } }

    package func contains(_ key: Key) -> Bool { base.contains(SnakeCase.key(key)) }

    package func decodeNil(forKey key: Key) throws -> Bool { try base.decodeNil(forKey: SnakeCase.key(key)) }

    /// Also satisfies the requirements of the protocol for each numeric type, String and Bool.
    package func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try base.decode(type, forKey: SnakeCase.key(key))
    }

    package func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        try base.decodeIfPresent(type, forKey: SnakeCase.key(key))
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    package func decode(_ type: Int128.Type, forKey key: Key) throws -> Int128 {
        try base.decode(type, forKey: SnakeCase.key(key))
    }

    package func decode(_ type: UInt128.Type, forKey key: Key) throws -> UInt128 {
        try base.decode(type, forKey: SnakeCase.key(key))
    }

    package func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try base.nestedContainer(keyedBy: type, forKey: SnakeCase.key(key))
    }

    package func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try base.nestedUnkeyedContainer(forKey: SnakeCase.key(key))
    }

    package func superDecoder() throws -> any Decoder { try base.superDecoder() }

    package func superDecoder(forKey key: Key) throws -> any Decoder {
        try base.superDecoder(forKey: SnakeCase.key(key))
    }
}
