import HTTPCore

/// What became of an attempt to append a value that is neither an object nor an array.
enum JSONScalarOutcome {
    case written
    /// Infinity or not a number, of which JSON has none.
    case notFinite
    /// It has to be asked to encode itself.
    case notScalar
}

extension ByteBuffer {
    /// Appends a String, a Bool or a number of the standard library.
    ///
    /// Where the type is known at compile time, one of the branches is left; where it is not, as for the elements of
    /// an `Array`, comparing types costs less than asking the value for its encoding.
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

    /// The value as what it is, if that is `Target` itself. A cast with `as?` would ask the runtime.
    @inline(__always)
    private static func cast<Value, Target>(_ value: Value, to type: Target.Type) -> Target? {
        guard Value.self == Target.self else { return nil }
        // The two types are the same.
        return unsafe unsafeBitCast(value, to: Target.self)
    }
}
