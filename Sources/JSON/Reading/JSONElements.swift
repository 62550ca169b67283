/// A container that decodes the elements of an array one after the other.
struct JSONElements: UnkeyedDecodingContainer {
    private let decoder: JSONValueDecoder
    private var element: Int
    private(set) var currentIndex = 0

    init(decoder: JSONValueDecoder) {
        self.decoder = decoder
        element = decoder.node + 1
    }

    var codingPath: [any CodingKey] { decoder.codingPath }

    var count: Int? { Int(decoder.document[decoder.node].detail) }

    var isAtEnd: Bool { element >= decoder.document[decoder.node].next }

    mutating func decodeNil() throws -> Bool {
        guard try current(Never?.self).decodeNil() else { return false }
        advance()
        return true
    }

    /// Also satisfies the requirements of the protocol for each numeric type, String and Bool. An element that can't be
    /// decoded stays the current one.
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try decodeElement(type)
    }

    @inline(__always)
    private mutating func decodeElement<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try current(type).decode(type)
        advance()
        return value
    }

    // Without these two, the default implementations of the protocol would be used, which always throw.
    mutating func decode(_ type: Int128.Type) throws -> Int128 { try decodeElement(type) }
    mutating func decode(_ type: UInt128.Type) throws -> UInt128 { try decodeElement(type) }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try current([String: Any].self).container(keyedBy: type)
        advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current([Any].self).unkeyedContainer()
        advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try current((any Decoder).self)
        advance()
        return decoder
    }

    private func current(_ type: Any.Type) throws -> JSONValueDecoder {
        if !isAtEnd { return decoder.child(element) }
        let description = "the array has no more than \(currentIndex) elements"
        throw DecodingError.valueNotFound(
            type, .init(codingPath: codingPath + [JSONPathKey(index: currentIndex)], debugDescription: description))
    }

    private mutating func advance() {
        element = Int(decoder.document[element].next)
        currentIndex += 1
    }
}
