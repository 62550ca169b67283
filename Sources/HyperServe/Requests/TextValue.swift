/// Values that clients write as text, in a path, a query or a form: one rule for all of them, which is narrower than
/// what Swift's initializers for text accept.
enum TextValue {
    /// The value that `text` stands for; nil if there is none.
    ///
    /// - Numbers are decimal, as HTML's number inputs send them: ASCII digits with a minus sign, or no sign, before
    ///   them. Floating-point numbers may have a fraction and an exponent, and must be finite.
    /// - Booleans are `true`, `false`, and `on`, which is what a checkbox sends.
    /// - A `Character` is exactly one: its initializer for text traps on anything else.
    /// - All other types decide for themselves.
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

    /// Digits, maybe behind a minus sign.
    fileprivate var isDecimalInteger: Bool {
        var rest = utf8[...]
        rest.take("-")
        return rest.takeDigits() && rest.isEmpty
    }

    /// What the HTML standard calls a valid floating-point number: a minus sign or none, digits, a fraction or both,
    /// and maybe an exponent.
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
    /// Takes one byte from the beginning, if it is this one.
    @discardableResult
    fileprivate mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: byte) else { return false }
        removeFirst()
        return true
    }

    /// Takes the digits from the beginning. Returns whether there were any.
    fileprivate mutating func takeDigits() -> Bool {
        let count = prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
        removeFirst(count)
        return count > 0
    }
}
