// Numbers, RFC 8259 section 6.
extension JSONDocument {
    /// The value of an integer; nil if it does not fit the type.
    func integer<Number: FixedWidthInteger>(at node: Int, as type: Number.Type) -> Number? {
        let all = self.text
        let text = all.span.extracting(Int(self[node].start)..<Int(self[node].end))
        let isNegative = text[0] == UInt8(ascii: "-")
        var value: Number = 0
        for position in (isNegative ? 1 : 0)..<text.count {
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let digit = Number(text[position] &- UInt8(ascii: "0"))
            // Away from zero in the direction of the sign, so that the minimum is reached too.
            let (sum, isBeyond) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            if isTooLarge || isBeyond { return nil }
            value = sum
        }
        return value
    }

    /// The nearest `Double`; nil if the number is too large for any.
    func double(at node: Int) -> Double? {
        shortDouble(at: node) ?? nearest(at: node, as: Double.self)
    }

    /// The nearest number of the type; nil if the number is too large for any.
    func nearest<Number: BinaryFloatingPoint & LosslessStringConvertible>(
        at node: Int, as type: Number.Type
    ) -> Number? {
        let digits = String(decoding: text[Int(self[node].start)..<Int(self[node].end)], as: UTF8.self)
        // Every JSON number is also a number to Swift.
        let number = Number(digits)!
        return number.isFinite ? number : nil
    }

    /// The value of a number whose digits and power of ten are both exact as `Double`, so that a single operation
    /// rounds correctly. Nil for any other.
    private func shortDouble(at node: Int) -> Double? {
        let powers: InlineArray<23, Double> = [
            1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
            1e19, 1e20, 1e21, 1e22,
        ]
        let all = self.text
        let text = all.span.extracting(Int(self[node].start)..<Int(self[node].end))
        guard text.count <= 17 else { return nil }
        var digits = 0
        var places = 0
        var isFraction = false
        let isNegative = text[0] == UInt8(ascii: "-")
        for position in (isNegative ? 1 : 0)..<text.count {
            switch text[position] {
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                digits = digits * 10 + Int(text[position] - UInt8(ascii: "0"))
                if isFraction { places += 1 }
            default: return nil
            }
        }
        guard digits <= 1 << 53 else { return nil }
        let number = Double(digits) / powers[places]
        return isNegative ? -number : number
    }
}
