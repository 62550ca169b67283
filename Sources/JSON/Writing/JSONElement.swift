import HTTPCore

/// The encoder of one value in the document: passed to `encode(to:)`, and used by containers.
struct JSONElement {
    let encoder: JSONValueEncoder
    // Two narrow numbers keep an element small enough to fit into an existential without a box.
    private let record: UInt32
    let serial: UInt32

    init(encoder: JSONValueEncoder, index: Int, serial: UInt32) {
        self.encoder = encoder
        record = UInt32(index)
        self.serial = serial
    }

    /// The number of its record.
    var index: Int { Int(record) }

    var codingPath: [any CodingKey] { unsafe encoder.writer.codingPath(of: self) }
}

extension JSONElement: Encoder {
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        unsafe encoder.writer.open(self, asObject: true)
        if unsafe encoder.coding.keys == .snakeCase, SnakeCase.applies(to: type) {
            let members = JSONObjectContainer<JSONPathKey>(element: self)
            return KeyedEncodingContainer(SnakeCaseEncodingContainer<Key, _>(members))
        }
        return unsafe encoder.containerMakers.container(of: self, keyedBy: type)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        unsafe encoder.writer.open(self, asObject: false)
        return JSONArrayContainer(element: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONElement: SingleValueEncodingContainer {
    func encodeNil() throws {
        unsafe encoder.writer.beginSingleValue(of: self)
        unsafe encoder.writer.bytes.append("null")
        unsafe encoder.writer.records[index].state = .written
    }

    /// Also satisfies the requirements of `SingleValueEncodingContainer` for each numeric type, String and Bool.
    func encode<Value: Encodable>(_ value: Value) throws {
        try encoder.encode(value, asValueOf: self)
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    func encode(_ value: Int128) throws { try encoder.encode(value, asValueOf: self) }
    func encode(_ value: UInt128) throws { try encoder.encode(value, asValueOf: self) }
}
