/// The Date field line of every response, RFC 9110 sections 5.6.7 and 6.6.1, computed once a second and copied many
/// times.
public struct DateField: Sendable {
    /// Bytes of the line: "Date: Sun, 06 Nov 1994 08:49:37 GMT" and CR LF.
    @inlinable package static var byteCount: Int { 37 }

    /// The last second that the format can express: the end of the year 9999.
    @inlinable package static var maximumUnixSeconds: Int { 253_402_300_799 }

    /// The time in the line, in seconds since 1970-01-01 00:00:00 UTC without leap seconds.
    @usableFromInline package private(set) var unixSeconds: Int

    @usableFromInline package var line: InlineArray<37, UInt8>

    /// Creates the line for a time between the years 1970 and 9999; other times are clipped to that range.
    package init(unixSeconds: Int) {
        self.unixSeconds = Self.clip(unixSeconds)
        line = InlineArray(repeating: 0)
        write(at: 0, "Date: ")
        write(at: 31, " GMT\r\n")
        writeTime()
    }

    /// Updates the line to `unixSeconds`; costs one comparison while the second is the same.
    @inlinable
    package mutating func update(unixSeconds: Int) {
        if unixSeconds != self.unixSeconds { change(to: unixSeconds) }
    }

    /// Appends the 29 bytes of the date alone, as in Last-Modified.
    package func appendDate(to buffer: inout ByteBuffer) {
        // A byte array has no padding, so all its bytes are initialized.
        unsafe buffer.append(line.span.bytes.extracting(6..<35))
    }

    /// Calls `body` with those 29 bytes.
    package func withDate<Result>(_ body: (RawSpan) -> Result) -> Result {
        // A byte array has no padding, so all its bytes are initialized.
        unsafe body(line.span.bytes.extracting(6..<35))
    }

    @usableFromInline
    mutating func change(to unixSeconds: Int) {
        self.unixSeconds = Self.clip(unixSeconds)
        writeTime()
    }

    private static func clip(_ unixSeconds: Int) -> Int { min(max(unixSeconds, 0), maximumUnixSeconds) }

    private mutating func writeTime() {
        let days = unixSeconds / 86400
        let second = unixSeconds % 86400
        let date = CivilDate(daysSinceEpoch: days)
        let weekdays: StaticString = "ThuFriSatSunMonTueWed"
        let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
        write(at: 6, weekdays, from: days % 7 * 3)
        write(at: 9, ", ")
        writeTwoDigits(at: 11, date.day)
        line[13] = ASCII.space
        write(at: 14, months, from: (date.month - 1) * 3)
        line[17] = ASCII.space
        writeTwoDigits(at: 18, date.year / 100)
        writeTwoDigits(at: 20, date.year % 100)
        line[22] = ASCII.space
        writeTwoDigits(at: 23, second / 3600)
        line[25] = UInt8(ascii: ":")
        writeTwoDigits(at: 26, second / 60 % 60)
        line[28] = UInt8(ascii: ":")
        writeTwoDigits(at: 29, second % 60)
    }

    private mutating func writeTwoDigits(at offset: Int, _ number: Int) {
        line[offset] = UInt8(ascii: "0") + UInt8(number / 10)
        line[offset + 1] = UInt8(ascii: "0") + UInt8(number % 10)
    }

    private mutating func write(at offset: Int, _ literal: StaticString) {
        for index in 0..<literal.utf8CodeUnitCount {
            // In bounds: the loop stays within the literal.
            line[offset + index] = unsafe literal.utf8Start[index]
        }
    }

    /// Writes the three letters of `table` that begin at `start`.
    private mutating func write(at offset: Int, _ table: StaticString, from start: Int) {
        precondition(start >= 0 && start + 3 <= table.utf8CodeUnitCount, "a name must lie within its table")
        for index in 0..<3 {
            // In bounds: just checked.
            line[offset + index] = unsafe table.utf8Start[start + index]
        }
    }
}
