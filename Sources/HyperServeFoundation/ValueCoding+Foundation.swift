public import JSON

extension ValueCoding {
    /// How a `Date` is represented.
    public enum Dates: Sendable {
        /// As in RFC 3339, in UTC: `2026-11-28T08:01:08.5Z`, with as many digits of the second as restore the date
        /// exactly. Any offset is read. In JSON it is a string.
        case rfc3339
        /// As seconds since 1970-01-01 00:00:00 UTC without leap seconds, with a fraction if there is one. In JSON it
        /// is a number.
        case secondsSince1970
        /// As milliseconds since 1970-01-01 00:00:00 UTC without leap seconds, with a fraction if there is one. In JSON
        /// it is a number.
        case millisecondsSince1970
    }

    /// A coding with the types of Foundation: see `foundation(dates:keys:)`. Dates are those of RFC 3339.
    public static var foundation: ValueCoding { foundation() }

    /// Returns a coding with the types of Foundation: `Date` as `dates` says, `URL` as a string, `Data` as a string in
    /// Base64 (RFC 4648 section 4), and `Decimal` as a number with all its digits. A `UUID` is a string with any
    /// coding.
    ///
    /// ```swift
    /// extension ValueCoding {
    ///     static let api = foundation(dates: .millisecondsSince1970, keys: .snakeCase)
    /// }
    ///
    /// router.post("/notes") { request in
    ///     let note = try request.decode(json: Note.self, coding: .api)
    ///     return try .json(note, status: .created, coding: .api)
    /// }
    /// ```
    ///
    /// A value that its type can't represent exactly, such as a number with too many digits for `Decimal`, is refused
    /// like one of another type; fractions of a second are rounded to the nearest that `Date` can represent.
    public static func foundation(dates: Dates = .rfc3339, keys: Keys = .unchanged) -> ValueCoding {
        ValueCoding(keys: keys, conversions: FoundationConversions(dates: dates))
    }
}
