/// What is wrong with a value that comes from a configuration, in a sentence for a person; nil if it is in range.
enum OutOfRange {
    /// A number with a least and mostly a greatest value: "threads is 0; it is at least 1 and at most 1,024".
    static func problem(_ name: String, _ value: Int, atLeast least: Int, atMost most: Int? = nil) -> String? {
        guard value < least || value > most ?? .max else { return nil }
        let upper = most.map { " and at most \(grouped($0))" } ?? ""
        return "\(name) is \(grouped(value)); it is at least \(grouped(least))\(upper)"
    }

    /// A duration that must not be negative, or not even zero.
    static func problem(_ name: String, _ value: Duration, mayBeZero: Bool = false) -> String? {
        guard value < .zero || (value == .zero && !mayBeZero) else { return nil }
        // Within what can be printed.
        let shown = Duration.nanoseconds(value.nanoseconds)
        return "\(name) is \(shown); it is \(mayBeZero ? "at least zero" : "longer than zero")"
    }

    /// A number with a comma after each three digits, from the right.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
