import HTTPCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A point in time in decimal digits: whole seconds since 1970-01-01 00:00:00 UTC, and digits of a fraction after them.
struct Instant {
    /// Rounded down.
    let seconds: Int
    /// Digits from 0 to 9. Zeros at the end count as digits: see `date(seconds:fraction:isNegative:)`.
    let fraction: [UInt8]

    /// Digits of a fraction that are read, and written at most: a date of these years has eight. Further ones are
    /// beyond the precision of a date, except in the first seconds of 2001.
    static let maximumFractionCount = 15
    /// Digits of a fraction that seconds since 1970 have, in this century.
    private static let usualCount = 6
    /// From 1970 to 2001, from which `Date` counts.
    private static let referenceSeconds = 978_307_200
    private static let maximumSeconds = 1e15
    private static let daySeconds = 86_400

    /// Creates the instant with the fewest digits that read as the same date; nil if the date is not finite or too far
    /// away.
    init?(_ date: Date) {
        let interval = date.timeIntervalSinceReferenceDate
        guard interval.magnitude <= Self.maximumSeconds else { return nil }
        let whole = interval.rounded(.down)
        var seconds = Int(whole) + Self.referenceSeconds
        var fraction: [UInt8] = []
        for count in 0...Self.maximumFractionCount {
            let scale = Self.powerOfTen(count)
            let number = ((interval - whole) * Double(scale)).rounded()
            // A fraction may be rounded up to a whole second.
            let isWhole = Int(number) == scale
            seconds = Int(whole) + Self.referenceSeconds + (isWhole ? 1 : 0)
            fraction = isWhole ? [] : Self.digits(Int(number), count: count)
            if Self.date(seconds: seconds, fraction: fraction, isNegative: false) == date { break }
        }
        self.seconds = seconds
        self.fraction = fraction
    }

    /// The date nearest to the instant.
    var date: Date { Self.date(seconds: seconds, fraction: fraction, isNegative: false) }

    /// Returns the date that is so much after, or before, 1970.
    ///
    /// A `Date` counts from 2001, and so has a bit more precision than the seconds since 1970 that most dates are made
    /// from. Up to six digits are read as those seconds are, and then as precisely as possible; otherwise dates that
    /// were made from milliseconds would be written with noise after them.
    static func date(seconds: Int, fraction: [UInt8], isNegative: Bool) -> Date {
        let digits = fraction.prefix(maximumFractionCount)
        let part = Double(number(digits)) / Double(powerOfTen(digits.count))
        let (whole, rest) = isNegative ? (-seconds, -part) : (seconds, part)
        if digits.count <= usualCount { return Date(timeIntervalSince1970: Double(whole) + rest) }
        return Date(timeIntervalSinceReferenceDate: Double(whole - referenceSeconds) + rest)
    }

    /// The instant as a decimal number of units, of which a second has a power of ten.
    func decimal(movedBy places: Int) -> String {
        let fraction = fraction.prefix((fraction.lastIndex { $0 != 0 } ?? -1) + 1)
        let isNegative = seconds < 0
        // Of a negative number, the fraction is counted towards zero.
        let isBorrowed = isNegative && !fraction.isEmpty
        let whole = isBorrowed ? -(seconds + 1) : abs(seconds)
        let part =
            isBorrowed
            ? Self.digits(Self.powerOfTen(fraction.count) - Self.number(fraction), count: fraction.count)
            : Array(fraction)
        let digits = Self.text(Self.digits(whole, count: 1) + part)
        let padded = digits + String(repeating: "0", count: max(0, places - part.count))
        let pointOffset = padded.count - max(0, part.count - places)
        let integer = padded.prefix(pointOffset).drop { $0 == "0" }
        let rest = padded.dropFirst(pointOffset)
        return (isNegative ? "-" : "") + (integer.isEmpty ? "0" : integer) + (rest.isEmpty ? "" : "." + rest)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) } }

    private static func powerOfTen(_ count: Int) -> Int { (0..<count).reduce(1) { power, _ in power * 10 } }

    /// The digits of a number that is not negative, with zeros before them if they are fewer than `count`.
    private static func digits(_ number: Int, count: Int) -> [UInt8] {
        let digits = String(number).utf8.map { $0 - UInt8(ascii: "0") }
        if count == 0 { return [] }
        return [UInt8](repeating: 0, count: max(0, count - digits.count)) + digits
    }

    private static func text(_ digits: [UInt8]) -> String {
        String(decoding: digits.map { $0 + UInt8(ascii: "0") }, as: UTF8.self)
    }
}

// RFC 3339 section 5.6.
extension Instant {
    /// The instant in UTC, as in `2026-11-28T08:01:08.5Z`; nil if its year has not four digits.
    var rfc3339: String? {
        let days = (seconds >= 0 ? seconds : seconds - Self.daySeconds + 1) / Self.daySeconds
        guard days >= CivilDate.daysSinceEpoch(year: 0, month: 1, day: 1),
            days < CivilDate.daysSinceEpoch(year: 10_000, month: 1, day: 1)
        else { return nil }
        let date = CivilDate(daysSinceEpoch: days)
        let second = seconds - days * Self.daySeconds
        let padded = { (number: Int, count: Int) in Self.text(Self.digits(number, count: count)) }
        let day = "\(padded(date.year, 4))-\(padded(date.month, 2))-\(padded(date.day, 2))"
        let time = "\(padded(second / 3600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2))"
        return "\(day)T\(time)\(fraction.isEmpty ? "" : "." + Self.text(fraction))Z"
    }

    /// Reads a date with any offset; nil if it has another form or does not exist. A leap second is read as the second
    /// after it.
    init?(rfc3339 text: String) {
        var rest = text.utf8[...]
        guard let year = Self.take(4, from: &rest), Self.take("-", from: &rest),
            let month = Self.take(2, from: &rest), Self.take("-", from: &rest), (1...12).contains(month),
            let day = Self.take(2, from: &rest), Self.exists(year: year, month: month, day: day),
            Self.take("Tt", from: &rest),
            let hour = Self.take(2, from: &rest), Self.take(":", from: &rest), hour < 24,
            let minute = Self.take(2, from: &rest), Self.take(":", from: &rest), minute < 60,
            let second = Self.take(2, from: &rest), second <= 60
        else { return nil }
        var fraction: [UInt8] = []
        if Self.take(".", from: &rest) {
            while let digit = Self.take(1, from: &rest) { fraction.append(UInt8(digit)) }
            if fraction.isEmpty { return nil }
        }
        guard let offset = Self.takeOffset(from: &rest), rest.isEmpty else { return nil }
        let days = CivilDate.daysSinceEpoch(year: year, month: month, day: day)
        seconds = days * Self.daySeconds + hour * 3600 + minute * 60 + second - offset
        // Leap seconds are inserted at the end of a day of UTC.
        if second == 60, seconds % Self.daySeconds != 0 { return nil }
        self.fraction = fraction
    }

    private static func exists(year: Int, month: Int, day: Int) -> Bool {
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        let end = CivilDate.daysSinceEpoch(year: next.0, month: next.1, day: 1)
        return day >= 1 && CivilDate.daysSinceEpoch(year: year, month: month, day: day) < end
    }

    /// Reads an offset from UTC, in seconds.
    private static func takeOffset(from text: inout Substring.UTF8View) -> Int? {
        if take("Zz", from: &text) { return 0 }
        let isNegative = text.first == UInt8(ascii: "-")
        guard take("+-", from: &text), let hours = take(2, from: &text), take(":", from: &text), hours < 24,
            let minutes = take(2, from: &text), minutes < 60
        else { return nil }
        return (hours * 60 + minutes) * (isNegative ? -60 : 60)
    }

    /// Removes one of these characters. Returns whether there was one.
    private static func take(_ characters: StaticString, from text: inout Substring.UTF8View) -> Bool {
        guard let byte = text.first, "\(characters)".utf8.contains(byte) else { return false }
        text.removeFirst()
        return true
    }

    /// Removes a number with exactly so many digits.
    private static func take(_ count: Int, from text: inout Substring.UTF8View) -> Int? {
        let digits = text.prefix(count)
        guard digits.count == count, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        text.removeFirst(count)
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
