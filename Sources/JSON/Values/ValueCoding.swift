/// How values are written to and read from JSON, queries and forms, where it differs from the coder's own rules.
///
/// The default differs in nothing. `ValueCoding.foundation`, of the module `HyperServeFoundation`, also codes the types
/// of Foundation: pass it as `coding:` wherever values are encoded or decoded.
public struct ValueCoding: Sendable {
    /// How the names of properties become the names of members and fields.
    public enum Keys: Sendable {
        /// They are the same.
        case unchanged
        /// Words are separated by underscores: `createdAt` becomes `created_at`, and `baseURL` becomes `base_url`. The
        /// keys of dictionaries don't change.
        case snakeCase
    }

    /// How the names of properties become the names of members and fields.
    public var keys: Keys
    /// The conversions of the types in `FoundationTypes`; nil if those types are refused.
    private let conversions: (any ValueConversions)?

    /// Creates a coding without types of Foundation.
    public init(keys: Keys = .unchanged) {
        self.keys = keys
        conversions = nil
    }

    /// Creates a coding that converts values of the types in `FoundationTypes`.
    package init(keys: Keys, conversions: any ValueConversions) {
        self.keys = keys
        self.conversions = conversions
    }

    /// Returns the scalar that represents a value of a type in `FoundationTypes`.
    package func scalar<Value>(of value: Value) throws(ValueConversionError) -> ConvertedScalar {
        guard let conversions else { throw .unsupported(Value.self) }
        return try conversions.scalar(of: value)
    }

    /// Returns the value of a type in `FoundationTypes` that a scalar represents.
    package func value<Value>(_ type: Value.Type, from scalar: ConvertedScalar) throws(ValueConversionError) -> Value {
        guard let conversions else { throw .unsupported(type) }
        return try conversions.value(type, from: scalar)
    }

    /// Throws if values of a type in `FoundationTypes` are refused.
    package func checkSupport(of type: Any.Type) throws(ValueConversionError) {
        if conversions == nil { throw .unsupported(type) }
    }
}

/// The conversions between scalars and values of the types in `FoundationTypes`. A class, so that a coding is small.
package protocol ValueConversions: AnyObject, Sendable {
    func scalar<Value>(of value: Value) throws(ValueConversionError) -> ConvertedScalar
    func value<Value>(_ type: Value.Type, from scalar: ConvertedScalar) throws(ValueConversionError) -> Value
}

/// What represents a value of another module's type.
package enum ConvertedScalar {
    /// A JSON string, without escapes.
    case string(String)
    /// The text of a JSON number.
    case number(String)
    /// Text from a query, a form or a path, which has no type.
    case untyped(String)
}

/// The reason why a value can't be converted.
package struct ValueConversionError: Error {
    package let reason: String
    /// Whether the mistake is the application's: the coding knows nothing of the type.
    package let isUnsupportedType: Bool

    package init(_ reason: String) {
        self.reason = reason
        isUnsupportedType = false
    }

    private init(unsupported type: Any.Type) {
        let name = FoundationTypes.name(of: type)
        reason = "\(name) is coded only by the module HyperServeFoundation: import it, and pass \"coding: .foundation\""
        isUnsupportedType = true
    }

    package static func unsupported(_ type: Any.Type) -> ValueConversionError { .init(unsupported: type) }

    package func context(codingPath: [any CodingKey]) -> DecodingError.Context {
        .init(codingPath: codingPath, debugDescription: reason, underlyingError: self)
    }

    func context(codingPath: [any CodingKey]) -> EncodingError.Context {
        .init(codingPath: codingPath, debugDescription: reason, underlyingError: self)
    }
}

extension DecodingError {
    /// Whether a type was to be decoded that the coding knows nothing of, whatever the text contains.
    package var isOfUnsupportedType: Bool {
        guard case .dataCorrupted(let context) = self else { return false }
        return (context.underlyingError as? ValueConversionError)?.isUnsupportedType ?? false
    }
}
