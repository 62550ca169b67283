import JSON

/// A container of the values of one field.
struct FormUnkeyedContainer: UnkeyedDecodingContainer {
    let values: [String]
    let coding: ValueCoding
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(values: [String], coding: ValueCoding, codingPath: [any CodingKey]) {
        self.values = values
        self.coding = coding
        self.codingPath = codingPath
    }

    var count: Int? { values.count }

    var isAtEnd: Bool { currentIndex == values.count }

    func decodeNil() -> Bool { false }

    /// Also satisfies the protocol's requirements for each type of number, String and Bool.
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decodeElement(type) }

    private mutating func decodeElement<Value: Decodable>(_ type: Value.Type) throws -> Value {
        // Scalars decode themselves from the single value.
        let value = try current(type).decoded(type)
        currentIndex += 1
        return value
    }

    // Without these two, the protocol's defaults would be used, which always throw.
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try decodeElement(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try decodeElement(type) }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try current(type).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        try current([Any].self).unkeyedContainer()
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current((any Decoder).self)
        currentIndex += 1
        return decoder
    }

    private func current(_ type: Any.Type) throws -> FormDecoder {
        let path = codingPath + [JSONPathKey(index: currentIndex)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type, .init(codingPath: path, debugDescription: "there are no more values"))
        }
        return FormDecoder(.value(values[currentIndex]), coding: coding, path: path)
    }
}
