#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A number as decimal digits, of any length and size. Equal numbers have equal digits.
struct DecimalNumber: Equatable {
    let isNegative: Bool
    /// Digits from 0 to 9, without zeros at either end. Empty for zero.
    let digits: [UInt8]
    /// The power of ten by which the digits, as an integer, are multiplied. Zero for zero.
    let exponent: Int

    /// As many digits as an exponent that is read may have, so that computing with exponents can't overflow.
    private static let maximumExponentDigitCount = 9
    /// As many digits as a `Decimal` may have: its mantissa has 128 bits.
    private static let maximumDecimalDigitCount = 39
    /// Larger than any exponent of a `Decimal` without zeros at its end.
    private static let maximumDecimalExponent = 170
    /// As many digits before the point as the seconds of a date may have: 30 million years.
    private static let maximumSecondDigitCount = 15

    /// Reads a number as JSON, HTML forms and `Decimal` write it; nil if the text has another form or its exponent is
    /// out of range.
    init?(_ text: String) {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest.removeFirst() }
        let whole = Self.takeDigits(from: &rest)
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = Self.takeDigits(from: &rest)
            if fraction.isEmpty { return nil }
        }
        let all = whole + fraction
        guard !all.isEmpty, let power = Self.exponent(rest) else { return nil }
        let last = all.lastIndex { $0 != 0 }
        guard let last else {
            (self.isNegative, digits, exponent) = (false, [], 0)
            return
        }
        self.isNegative = isNegative
        digits = Array(all[...last].drop { $0 == 0 })
        exponent = power - fraction.count + (all.count - 1 - last)
    }

    /// The same number, if a `Decimal` can represent it.
    var decimal: Decimal? {
        if digits.isEmpty { return 0 }
        guard digits.count <= Self.maximumDecimalDigitCount, abs(exponent) <= Self.maximumDecimalExponent else {
            return nil
        }
        let text = String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
        // Foundation rounds what does not fit, so the result is compared.
        guard let decimal = Decimal(string: "\(isNegative ? "-" : "")\(text)e\(exponent)"),
            DecimalNumber(decimal.description) == self
        else { return nil }
        return decimal
    }

    /// The date that is so many seconds after 1970, once the number is divided by a power of ten; nil if it is too far
    /// from it.
    func date(dividedByPowerOfTen places: Int) -> Date? {
        let exponent = exponent - places
        guard digits.count + exponent <= Self.maximumSecondDigitCount else { return nil }
        // The digits before the point, and those after it.
        let wholeCount = max(0, digits.count + exponent)
        var whole = digits.prefix(wholeCount).reduce(0) { $0 * 10 + Int($1) }
        for _ in 0..<max(0, wholeCount - digits.count) { whole *= 10 }
        // Zeros between the point and the first digit; so many that nothing is left are as good as any more.
        let zeros = [UInt8](repeating: 0, count: min(max(0, -exponent - digits.count), Instant.maximumFractionCount))
        let fraction = zeros + digits.dropFirst(wholeCount)
        return Instant.date(seconds: whole, fraction: fraction, isNegative: isNegative)
    }

    private static func takeDigits(from text: inout Substring.UTF8View) -> [UInt8] {
        let digits = text.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        text.removeFirst(digits.count)
        return digits.map { $0 - UInt8(ascii: "0") }
    }

    /// Reads an exponent, which may be left out.
    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        guard let letter = text.first else { return 0 }
        var rest = text.dropFirst()
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let digits = takeDigits(from: &rest)
        guard letter | 0x20 == UInt8(ascii: "e"), !digits.isEmpty, rest.isEmpty else { return nil }
        let significant = digits.drop { $0 == 0 }
        guard significant.count <= maximumExponentDigitCount else { return nil }
        let magnitude = significant.reduce(0) { $0 * 10 + Int($1) }
        return isNegative ? -magnitude : magnitude
    }
}
