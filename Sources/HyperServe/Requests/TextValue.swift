/// Conversion of text from a path, a query or a form. The rules are the same for all three, and narrower than those of
/// Swift's initializers for text.
enum TextValue {
    /// Converts `text` to `type`; returns nil if it can't be converted.
    ///
    /// - Numbers are decimal, as HTML's number inputs send them: ASCII digits, with or without a minus sign before
    ///   them. Floating-point numbers may have a fraction and an exponent, and must be finite.
    /// - Booleans are `true`, `false`, and `on`, which a checkbox sends.
    /// - A `Character` is exactly one: its initializer for text traps on anything else.
    /// - All other types use their own initializer.
    static func read<Value: LosslessStringConvertible>(_ text: String, as type: Value.Type) -> Value? {
        if type == String.self { return text as? Value }
        if type == Bool.self { return bool(text) as? Value }
        if type == Character.self { return text.isSingleCharacter ? Value(text) : nil }
        if type is any FixedWidthInteger.Type { return text.isDecimalInteger ? Value(text) : nil }
        guard type is any BinaryFloatingPoint.Type else { return Value(text) }
        guard text.isDecimalNumber, let value = Value(text), let number = value as? any BinaryFloatingPoint,
            number.isFinite
        else { return nil }
        return value
    }

    private static func bool(_ text: String) -> Bool? {
        switch text {
        case "true", "on": true
        case "false": false
        default: nil
        }
    }
}

extension String {
    fileprivate var isSingleCharacter: Bool { !isEmpty && index(after: startIndex) == endIndex }

    /// Digits, optionally after a minus sign.
    fileprivate var isDecimalInteger: Bool {
        var rest = utf8[...]
        rest.take("-")
        return rest.takeDigits() && rest.isEmpty
    }

    /// A valid floating-point number of the HTML standard: an optional minus sign, digits, a fraction or both, and an
    /// optional exponent.
    fileprivate var isDecimalNumber: Bool {
        var rest = utf8[...]
        rest.take("-")
        let hasDigits = rest.takeDigits()
        if rest.take(".") {
            guard rest.takeDigits() else { return false }
        } else if !hasDigits {
            return false
        }
        if rest.take("e") || rest.take("E") {
            if !rest.take("-") { rest.take("+") }
            guard rest.takeDigits() else { return false }
        }
        return rest.isEmpty
    }
}

extension Substring.UTF8View {
    /// Removes the first byte if it is this one. Returns whether it was.
    @discardableResult
    fileprivate mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: byte) else { return false }
        removeFirst()
        return true
    }

    /// Removes the digits from the beginning. Returns whether there were any.
    fileprivate mutating func takeDigits() -> Bool {
        let count = prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        removeFirst(count)
        return count > 0
    }
}
