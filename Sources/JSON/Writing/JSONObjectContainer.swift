import HTTPCore

/// A container that encodes the members of an object.
struct JSONObjectContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let element: JSONElement

    var codingPath: [any CodingKey] { element.codingPath }

    func encodeNil(forKey key: Key) throws {
        _ = try unsafe element.encoder.writer.beginElement(in: element, name: key.stringValue)
        unsafe element.encoder.writer.bytes.append("null")
    }

    // Most members have one of these two types. Not being generic, these functions cost half as much as the one below.
    func encode(_ value: String, forKey key: Key) throws {
        try unsafe element.encoder.writer.write(value, in: element, name: key.stringValue)
    }

    func encode(_ value: Int, forKey key: Key) throws {
        try unsafe element.encoder.writer.write(value, in: element, name: key.stringValue)
    }

    /// Also satisfies the requirements of the protocol for the other numeric types and Bool.
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try element.encoder.encode(value, in: element, key: key)
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    func encode(_ value: Int128, forKey key: Key) throws { try element.encoder.encode(value, in: element, key: key) }
    func encode(_ value: UInt128, forKey key: Key) throws { try element.encoder.encode(value, in: element, key: key) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy keyType: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        element.encoder.pushElement(of: element, key: key).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        element.encoder.pushElement(of: element, key: key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        element.encoder.pushElement(of: element, key: JSONPathKey.superclass)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        element.encoder.pushElement(of: element, key: key)
    }
}
