/// Dates of header fields, RFC 9110 section 5.6.7, in seconds since 1970-01-01 00:00:00 UTC.
package enum HTTPDate {
    /// Parses a date in the current form or one of the two obsolete ones; nil if it has none of them.
    package static func parse(_ text: String) -> Int? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        switch words.count {
        // Sun, 06 Nov 1994 08:49:37 GMT
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT":
            return seconds(day: words[1], month: words[2], year: number(words[3], digits: 4...4), time: words[4])
        // Sunday, 06-Nov-94 08:49:37 GMT
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            let parts = words[1].split(separator: "-").map(String.init)
            guard parts.count == 3, let year = number(parts[2], digits: 2...2) else { return nil }
            // The century that makes the date no later than 2069, which suffices for an obsolete form.
            return seconds(day: parts[0], month: parts[1], year: year + (year < 70 ? 2000 : 1900), time: words[2])
        // Sun Nov  6 08:49:37 1994
        case 5:
            return seconds(day: words[2], month: words[1], year: number(words[4], digits: 4...4), time: words[3])
        default:
            return nil
        }
    }

    /// The month of a date, 1 to 12.
    package static func month(of date: borrowing DateField) -> Int {
        date.withDate { text in
            // Three letters from byte 8 on; the second and third distinguish all months.
            let (second, third) = (text.byte(at: 9), text.byte(at: 10))
            let index = months.firstIndex { Array($0.utf8.dropFirst()) == [second, third] }
            return index.map { $0 + 1 } ?? 0
        }
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func seconds(day: String, month: String, year: Int?, time: String) -> Int? {
        let clock = time.split(separator: ":").compactMap { number(String($0), digits: 2...2) }
        guard let year, let month = months.firstIndex(of: month), let day = number(day, digits: 1...2),
            (1...31).contains(day), time.utf8.count == 8, clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        let days = CivilDate.daysSinceEpoch(year: year, month: month + 1, day: day)
        return days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
    }

    private static func number(_ text: String, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }
}
