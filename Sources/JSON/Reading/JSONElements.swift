/// The elements of an array, to be decoded one after the other.
struct JSONElements: UnkeyedDecodingContainer {
    private let place: JSONPlace
    private var element: Int
    private(set) var currentIndex = 0

    init(place: JSONPlace) {
        self.place = place
        element = place.node + 1
    }

    var codingPath: [any CodingKey] { place.codingPath }

    var count: Int? { Int(place.document[place.node].detail) }

    var isAtEnd: Bool { element >= place.document[place.node].next }

    mutating func decodeNil() throws -> Bool {
        guard try current(Never?.self).decodeNil() else { return false }
        advance()
        return true
    }

    /// Also stands for the requirements of the protocol for each type of number, String and Bool. An element that
    /// can't be decoded stays the current one.
    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try decodeElement(type)
    }

    @inline(__always)
    private mutating func decodeElement<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try current(type).decode(type)
        advance()
        return value
    }

    // Without these two, defaults of the protocol would stand for them, which always throw.
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
        let place = try current((any Decoder).self)
        advance()
        return place
    }

    private func current(_ type: Any.Type) throws -> JSONPlace {
        if !isAtEnd { return place.child(element) }
        let description = "the array has no more than \(currentIndex) elements"
        throw DecodingError.valueNotFound(
            type, .init(codingPath: codingPath + [JSONPathKey(index: currentIndex)], debugDescription: description))
    }

    private mutating func advance() {
        element = Int(place.document[element].next)
        currentIndex += 1
    }
}
