/// A member of Accept, Accept-Language or Accept-Encoding, with its weight (RFC 9110 section 12.4.2).
struct WeightedValue {
    /// The value in lower case.
    let value: String
    /// The parameters before the weight.
    let parameters: [(name: String, value: String)]
    /// The weight in thousandths: 1,000 for a value without one, 0 for a value that is not acceptable.
    let weight: Int

    /// As many members as are read of a field, far more than any client sends. Those after them are ignored, so that
    /// reading a field takes little time, however many members a client has put into it.
    static let maximumCount = 256

    /// Calls `body` with each member of a field that is not malformed, of the first `maximumCount` members.
    static func forEach(in text: String, _ body: (WeightedValue) -> Void) {
        var start = text.utf8.startIndex
        var isQuoted = false
        var index = start
        var count = 1
        while index < text.utf8.endIndex {
            switch text.utf8[index] {
            case UInt8(ascii: "\\") where isQuoted:
                // An escaped character ends neither the quoted string nor the member.
                index = text.utf8.index(after: index)
                if index == text.utf8.endIndex { continue }
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                if let member = WeightedValue(text[start..<index]) { body(member) }
                start = text.utf8.index(after: index)
                count += 1
                if count > maximumCount { return }
            default: break
            }
            index = text.utf8.index(after: index)
        }
        if let member = WeightedValue(text[start...]) { body(member) }
    }

    private init?(_ text: Substring) {
        guard let field = FieldParameters(text), !field.value.isEmpty else { return nil }
        value = field.value
        guard let index = field.parameters.firstIndex(where: { $0.name == "q" }) else {
            parameters = field.parameters
            weight = 1000
            return
        }
        guard let weight = WeightedValue.weight(field.parameters[index].value) else { return nil }
        parameters = Array(field.parameters[..<index])
        self.weight = weight
    }

    /// Parses a weight: 0 or 1, with at most three digits after the point.
    private static func weight(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        guard (1...5).contains(bytes.count), bytes.count == 1 || bytes[1] == UInt8(ascii: "."),
            let whole = Int(String(decoding: bytes.prefix(1), as: UTF8.self))
        else { return nil }
        var thousandths = whole * 1000
        var unit = 100
        for byte in bytes.dropFirst(2) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            thousandths += Int(byte - UInt8(ascii: "0")) * unit
            unit /= 10
        }
        return thousandths <= 1000 ? thousandths : nil
    }
}
