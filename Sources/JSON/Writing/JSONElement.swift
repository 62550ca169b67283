import HTTPCore

/// The encoder of one value in the document, which is passed to `encode(to:)`, or its container.
struct JSONElement {
    let encoder: JSONValueEncoder
    // Two narrow numbers keep an element small enough to fit into an existential without a box.
    private let record: UInt32
    /// That of the record if this is the encoder, and that of its container if it is one.
    let serial: UInt32

    /// Numbers of no record. Nothing can be encoded with such an element.
    private static let (usedLate, otherContainer) = (UInt32.max, UInt32.max - 1)

    /// Creates an element with which nothing can be encoded, where a function can't throw.
    init(encoder: JSONValueEncoder, unusableBecause misuse: JSONMisuse) {
        self.encoder = encoder
        record = misuse == .otherContainer ? Self.otherContainer : Self.usedLate
        serial = 0
    }

    init(encoder: JSONValueEncoder, index: Int, serial: UInt32) {
        self.encoder = encoder
        record = UInt32(index)
        self.serial = serial
    }

    /// The number of its record.
    var index: Int { Int(record) }

    /// Why nothing can be encoded with an element without a record.
    var misuse: JSONMisuse { record == Self.otherContainer ? .otherContainer : .usedLate }

    /// The error of encoding with an element without a record. That of a container that could not be created is known
    /// already, with its path.
    var error: any Error {
        let known = misuse == .otherContainer ? encoder.failure : nil
        return known ?? misuse.error(at: [])
    }

    var codingPath: [any CodingKey] { unsafe encoder.writer.codingPath(of: self) }
}

extension JSONElement: Encoder {
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        let element = encoder.open(self, asObject: true)
        if unsafe encoder.coding.keys == .snakeCase, SnakeCase.applies(to: type) {
            let members = JSONObjectContainer<JSONPathKey>(element: element)
            return KeyedEncodingContainer(SnakeCaseEncodingContainer<Key, _>(members))
        }
        return unsafe encoder.containerMakers.container(of: element, keyedBy: type)
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONArrayContainer(element: encoder.open(self, asObject: false))
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONElement: SingleValueEncodingContainer {
    func encodeNil() throws {
        try unsafe encoder.writer.beginSingleValue(of: self)
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

/// A mistake in an `encode(to:)`, which becomes an `EncodingError`.
enum JSONMisuse: String, Error {
    case encodedTwice = "encoded more than one value, or a value and a container, as its single value"
    case otherContainer = "created two containers of different kinds, or a container after its single value"
    case usedLate = "used an encoder, or its container, after the encode(to:) that it was made for"

    func error(at path: [any CodingKey]) -> EncodingError {
        let text = "an encode(to:) \(rawValue)"
        return .invalidValue(self, .init(codingPath: path, debugDescription: text, underlyingError: self))
    }

    /// Returns an error that an `encode(to:)` has thrown, with the type that it belongs to if it is a mistake. Contains
    /// the type instead of the value, whose description may be as deep as the value.
    @inline(never)
    static func naming(_ type: Any.Type, in error: any Error) -> any Error {
        guard case EncodingError.invalidValue(_, let context) = error,
            let misuse = context.underlyingError as? JSONMisuse
        else { return error }
        let text = "encode(to:) of \(type) \(misuse.rawValue)"
        return EncodingError.invalidValue(type, .init(codingPath: context.codingPath, debugDescription: text))
    }
}
