/// A member of a partial update, as in the body of a PATCH (RFC 7396): left out, null, or a value.
///
/// An optional property is nil in both of the first two cases. A property of this type tells them apart, with
/// synthesized `Codable` conformances and any decoder. A member that is absent is left out when it is encoded. In forms
/// and queries an empty value is null, unless `Value` has an empty value, as strings do.
///
/// ```swift
/// struct NoteChanges: Codable {
///     var title: Patch<String>
///     var dueDay: Patch<Int>
/// }
/// ```
public enum Patch<Value> {
    /// There is no such member: the value stays as it is.
    case absent
    /// The member is null: the value is removed.
    case null
    /// The member has a value, which replaces the present one.
    case value(Value)

    /// The new value; nil if there is none.
    public var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }

    /// Changes `current` as the patch says.
    public func apply(to current: inout Value?) {
        switch self {
        case .absent: break
        case .null: current = nil
        case .value(let value): current = value
        }
    }
}

extension Patch: Sendable where Value: Sendable {}
extension Patch: Equatable where Value: Equatable {}
extension Patch: Hashable where Value: Hashable {}

extension Patch: Decodable where Value: Decodable {
    /// Decodes null or a value.
    public init(from decoder: any Decoder) throws {
        // As an optional, since decoders of forms decide by its type whether an empty value is null.
        let value = try decoder.singleValueContainer().decode(Value?.self)
        self = value.map { .value($0) } ?? .null
    }
}

extension Patch: Encodable where Value: Encodable {
    /// Encodes null or a value. Throws `EncodingError` if it is absent, which only a member of an object can be.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .absent:
            let text = "an absent value can only be a property of its own type Patch"
            throw EncodingError.invalidValue(self, .init(codingPath: encoder.codingPath, debugDescription: text))
        case .null: try container.encodeNil()
        case .value(let value): try container.encode(value)
        }
    }
}

// Synthesized conformances call these instead of the functions for any type.
extension KeyedDecodingContainer {
    /// Decodes a member that may be missing or null.
    public func decode<Value: Decodable>(_ type: Patch<Value>.Type, forKey key: Key) throws -> Patch<Value> {
        guard contains(key) else { return .absent }
        // As above.
        return try decode(Value?.self, forKey: key).map { .value($0) } ?? .null
    }
}

extension KeyedEncodingContainer {
    /// Encodes a member, unless it is absent.
    public mutating func encode<Value: Encodable>(_ value: Patch<Value>, forKey key: Key) throws {
        switch value {
        case .absent: break
        case .null: try encodeNil(forKey: key)
        case .value(let value): try encode(value, forKey: key)
        }
    }
}
