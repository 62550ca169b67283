/// Descriptions of values that are out of range, for error messages.
enum OutOfRange {
    /// Returns the description of a number that is out of range, such as "threads is 0; it is at least 1 and at most
    /// 1,024"; otherwise nil.
    static func problem(_ name: String, _ value: Int, atLeast least: Int, atMost most: Int? = nil) -> String? {
        guard value < least || value > most ?? .max else { return nil }
        let upper = most.map { " and at most \(grouped($0))" } ?? ""
        return "\(name) is \(grouped(value)); it is at least \(grouped(least))\(upper)"
    }

    /// Returns the description of a duration that is negative, or zero unless `mayBeZero`; otherwise nil.
    static func problem(_ name: String, _ value: Duration, mayBeZero: Bool = false) -> String? {
        guard value < .zero || (value == .zero && !mayBeZero) else { return nil }
        // Clamped to what can be printed.
        let shown = Duration.nanoseconds(value.nanoseconds)
        return "\(name) is \(shown); it is \(mayBeZero ? "at least zero" : "longer than zero")"
    }

    /// The number in decimal, with its digits in groups of three.
    static func grouped(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "-" : "") + String(text.reversed())
    }
}
