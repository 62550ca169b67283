import HTTPCore

/// A container that encodes the elements of an array.
struct JSONArrayContainer: UnkeyedEncodingContainer {
    let element: JSONElement

    var codingPath: [any CodingKey] { element.codingPath }

    /// How many elements have been begun.
    var count: Int { unsafe element.encoder.writer.elementCount(of: element) }

    func encodeNil() throws {
        _ = try unsafe element.encoder.writer.beginElement(in: element)
        unsafe element.encoder.writer.bytes.append("null")
    }

    /// Also satisfies the requirements of the protocol for each numeric type, String and Bool.
    func encode<Value: Encodable>(_ value: Value) throws {
        try element.encoder.encode(value, in: element)
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    func encode(_ value: Int128) throws { try element.encoder.encode(value, in: element) }
    func encode(_ value: UInt128) throws { try element.encoder.encode(value, in: element) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy keyType: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        element.encoder.pushElement(of: element).container(keyedBy: keyType)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        element.encoder.pushElement(of: element).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        element.encoder.pushElement(of: element)
    }
}
