import JSON

/// Decodes values from a form: from all of its fields, from the values of one, or from one value.
struct FormDecoder: Decoder {
    enum Content {
        case fields(FormFields)
        case values([String])
        case value(String)
    }

    let content: Content
    let coding: ValueCoding
    let codingPath: [any CodingKey]

    /// Creates a decoder of a whole form.
    init(_ fields: FormFields, coding: ValueCoding) {
        self.init(.fields(fields), coding: coding, path: [])
    }

    init(_ content: Content, coding: ValueCoding, path: [any CodingKey]) {
        self.content = content
        self.coding = coding
        codingPath = path
    }

    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .fields(let fields) = content else { throw mismatch(type, "a form has no fields inside of fields") }
        if coding.keys == .snakeCase, SnakeCase.applies(to: type) {
            let names = FormKeyedContainer<JSONPathKey>(fields: fields, coding: coding, codingPath: codingPath)
            return KeyedDecodingContainer(SnakeCaseDecodingContainer<Key, _>(names))
        }
        return KeyedDecodingContainer(FormKeyedContainer(fields: fields, coding: coding, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .values(let values) = content else { throw mismatch([Any].self, "a field's value is not a list") }
        return FormUnkeyedContainer(values: values, coding: coding, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    func mismatch(_ type: Any.Type, _ reason: String) -> DecodingError {
        .typeMismatch(type, .init(codingPath: codingPath, debugDescription: reason))
    }

    /// The one value of a field.
    private func text(_ type: Any.Type) throws -> String {
        switch content {
        case .value(let text): return text
        case .values(let values) where values.count == 1: return values[0]
        case .values(let values) where values.isEmpty:
            throw DecodingError.valueNotFound(
                type, .init(codingPath: codingPath, debugDescription: "a value is missing"))
        case .values: throw mismatch(type, "there is more than one value")
        case .fields: throw mismatch(type, "a form is not a single value")
        }
    }

    private func read<Value: LosslessStringConvertible>(
        _ type: Value.Type, expecting expectation: String = "a number that fits is expected"
    ) throws -> Value {
        guard let value = TextValue.read(try text(type), as: type) else { throw invalid(expectation) }
        return value
    }

    private func invalid(_ reason: String) -> DecodingError {
        .dataCorrupted(.init(codingPath: codingPath, debugDescription: reason))
    }
}

extension FormDecoder: SingleValueDecodingContainer {
    /// A form has no null: an optional is nil if its field is absent. `decoded(_:)` decides about empty fields.
    func decodeNil() -> Bool {
        if case .values(let values) = content { values.isEmpty } else { false }
    }

    func decode(_ type: Bool.Type) throws -> Bool { try read(type, expecting: "true or false is expected") }
    func decode(_ type: String.Type) throws -> String { try text(type) }
    func decode(_ type: Double.Type) throws -> Double { try read(type) }
    func decode(_ type: Float.Type) throws -> Float { try read(type) }
    func decode(_ type: Int.Type) throws -> Int { try read(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try read(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try read(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try read(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try read(type) }
    func decode(_ type: Int128.Type) throws -> Int128 { try read(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try read(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try read(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try read(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try read(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try read(type) }
    func decode(_ type: UInt128.Type) throws -> UInt128 { try read(type) }

    /// Decodes a value of any type. Scalars decode themselves from the single value.
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try decoded(type) }

    /// Decodes a value of any type. An optional is nil if the content is empty and its type has no empty value.
    func decoded<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if FoundationTypes.contains(type) { return try converted(type) }
        // A type that decodes itself from its single value container would otherwise recurse without end.
        guard ThreadStack.hasRoom else { throw invalid("too many values are decoded within each other") }
        guard isEmpty, type is any OptionalValue.Type else { return try Value(from: self) }
        do {
            return try Value(from: self)
        } catch DecodingError.dataCorrupted {
            return try Value(from: FormDecoder(.values([]), coding: coding, path: codingPath))
        }
    }

    /// Whether the content is one empty value.
    private var isEmpty: Bool {
        switch content {
        case .value(let value): value.isEmpty
        case .values(let values): values == [""]
        case .fields: false
        }
    }

    /// Decodes a value of a type whose own coding is not for forms.
    private func converted<Value>(_ type: Value.Type) throws -> Value {
        let text = try text(type)
        do throws(ValueConversionError) {
            return try coding.value(type, from: .untyped(text))
        } catch {
            throw DecodingError.dataCorrupted(error.context(codingPath: codingPath))
        }
    }
}

/// Any `Optional`.
private protocol OptionalValue {}

extension Optional: OptionalValue {}
