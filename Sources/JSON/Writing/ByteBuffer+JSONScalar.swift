import HTTPCore

/// The result of an attempt to append a value as a scalar.
enum JSONScalarOutcome {
    case written
    /// The number is not finite, which JSON can't represent.
    case notFinite
    /// The value has to encode itself.
    case notScalar
}

extension ByteBuffer {
    /// Appends a String, a Bool or a number of the standard library.
    ///
    /// Where the type is known at compile time, only one branch is left. Elsewhere, as for the elements of an `Array`,
    /// comparing types costs less than calling `encode(to:)`.
    @inline(__always)
    mutating func appendJSON<Value>(scalar value: Value) -> JSONScalarOutcome {
        if let string = Self.cast(value, to: String.self) {
            appendJSON(string: string)
        } else if let number = Self.cast(value, to: Int.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Double.self) {
            return appendJSON(number: number) ? .written : .notFinite
        } else if let flag = Self.cast(value, to: Bool.self) {
            append(flag ? "true" : "false")
        } else {
            return appendJSON(narrowScalar: value)
        }
        return .written
    }

    /// Appends a number of one of the other types.
    @inline(__always)
    private mutating func appendJSON<Value>(narrowScalar value: Value) -> JSONScalarOutcome {
        if let number = Self.cast(value, to: Float.self) {
            return appendJSON(number: number) ? .written : .notFinite
        } else if let number = Self.cast(value, to: UInt.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Int8.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Int16.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Int32.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Int64.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: UInt8.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: UInt16.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: UInt32.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: UInt64.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: Int128.self) {
            appendJSON(integer: number)
        } else if let number = Self.cast(value, to: UInt128.self) {
            appendJSON(integer: number)
        } else {
            return .notScalar
        }
        return .written
    }

    /// Returns the value as `Target` if that is its type. A cast with `as?` would call the runtime.
    @inline(__always)
    private static func cast<Value, Target>(_ value: Value, to type: Target.Type) -> Target? {
        guard Value.self == Target.self else { return nil }
        // The two types are the same.
        return unsafe unsafeBitCast(value, to: Target.self)
    }
}
