// Decoding of values, mainly of those that are neither objects nor arrays.
extension JSONValueDecoder {
    /// Decodes the value as one of the standard library's scalars, or by the type's own `init(from:)`.
    ///
    /// Where the type is known at compile time, only one branch is left. Elsewhere, as for the elements of an `Array`,
    /// comparing types costs less than calling `init(from:)`.
    @inline(__always)
    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if type == String.self { return same(try string(), type) }
        if type == Int.self { return same(try integer(Int.self), type) }
        if type == Double.self { return same(try double(), type) }
        if type == Bool.self { return same(try bool(), type) }
        if type == Float.self { return same(try float(), type) }
        if type == UInt.self { return same(try integer(UInt.self), type) }
        if type == Int8.self { return same(try integer(Int8.self), type) }
        if type == Int16.self { return same(try integer(Int16.self), type) }
        if type == Int32.self { return same(try integer(Int32.self), type) }
        if type == Int64.self { return same(try integer(Int64.self), type) }
        if type == UInt8.self { return same(try integer(UInt8.self), type) }
        if type == UInt16.self { return same(try integer(UInt16.self), type) }
        if type == UInt32.self { return same(try integer(UInt32.self), type) }
        if type == UInt64.self { return same(try integer(UInt64.self), type) }
        if type == Int128.self { return same(try integer(Int128.self), type) }
        if type == UInt128.self { return same(try integer(UInt128.self), type) }
        if FoundationTypes.contains(type) { return try converted(type) }
        return try Value(from: inner())
    }

    /// Decodes a value of a type whose own coding is not for JSON from the scalar that it is converted from.
    @inline(never)
    private func converted<Value>(_ type: Value.Type) throws -> Value {
        let scalar: ConvertedScalar? =
            switch document[node].kind {
            case .string, .escapedString: .string(document.string(at: node))
            case .wholeNumber, .number:
                .number(
                    String(
                        decoding: document.text[Int(document[node].start)..<Int(document[node].end)], as: UTF8.self))
            case .null, .false, .true, .array, .object: nil
            }
        do {
            guard let scalar else {
                try document.coding.checkSupport(of: type)
                throw mismatch(type, "a string or a number")
            }
            return try document.coding.value(type, from: scalar)
        } catch let error as ValueConversionError {
            throw DecodingError.dataCorrupted(error.context(codingPath: codingPath))
        }
    }

    /// Returns `value` as `Target`, which is its type.
    @inline(__always)
    private func same<Value, Target>(_ value: Value, _ type: Target.Type) -> Target {
        precondition(Value.self == Target.self, "a scalar is decoded as its own type")
        // The two types are the same. A cast with `as!` would ask the runtime.
        return unsafe unsafeBitCast(value, to: Target.self)
    }

    private func string() throws -> String {
        switch document[node].kind {
        case .string, .escapedString: return document.string(at: node)
        default: throw mismatch(String.self, "a string")
        }
    }

    private func bool() throws -> Bool {
        switch document[node].kind {
        case .true: return true
        case .false: return false
        default: throw mismatch(Bool.self, "a Boolean")
        }
    }

    func integer<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        switch document[node].kind {
        case .wholeNumber: break
        case .number: throw corrupted("expected a number without fraction and exponent, found another")
        default: throw mismatch(type, "a number")
        }
        guard let number = document.integer(at: node, as: type) else {
            throw corrupted("the number does not fit \(type)")
        }
        return number
    }

    private func double() throws -> Double {
        try checkNumber(Double.self)
        guard let number = document.double(at: node) else { throw corrupted("the number is too large") }
        return number
    }

    private func float() throws -> Float {
        try checkNumber(Float.self)
        guard let number = document.nearest(at: node, as: Float.self) else {
            throw corrupted("the number is too large")
        }
        return number
    }

    private func checkNumber(_ type: Any.Type) throws {
        switch document[node].kind {
        case .wholeNumber, .number: return
        default: throw mismatch(type, "a number")
        }
    }
}
