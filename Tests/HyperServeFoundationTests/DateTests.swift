import Foundation
import HyperServe
import HyperServeFoundation
import TestSupport
import Testing

@Suite("Dates in JSON")
struct DateTests {
    static let milliseconds = ValueCoding.foundation(dates: .millisecondsSince1970)
    static let seconds = ValueCoding.foundation(dates: .secondsSince1970)

    private func text(_ date: Date, _ coding: ValueCoding = .foundation) throws -> String {
        String(decoding: try JSON.encode(date, coding: coding), as: UTF8.self)
    }

    private func date(_ text: String, _ coding: ValueCoding = .foundation) throws -> Date {
        try JSON.decode(Date.self, from: Array(text.utf8), coding: coding)
    }

    @Test(
        "Dates are written in UTC, with as many digits as they have",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_796_400_068, "2026-12-04T16:01:08Z"), (-1, "1969-12-31T23:59:59Z"),
            (0.5, "1970-01-01T00:00:00.5Z"), (-0.25, "1969-12-31T23:59:59.75Z"),
            (1_000_000_000.125, "2001-09-09T01:46:40.125Z"), (951_782_400, "2000-02-29T00:00:00Z"),
            (-62_135_596_800, "0001-01-01T00:00:00Z"), (-62_167_219_200, "0000-01-01T00:00:00Z"),
            (-62_162_035_201, "0000-02-29T23:59:59Z"), (-62_162_035_200, "0000-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        ])
    func written(seconds: Double, expected: String) throws {
        let date = Date(timeIntervalSince1970: seconds)
        #expect(try text(date) == "\"\(expected)\"")
        #expect(try self.date("\"\(expected)\"") == date)
    }

    @Test("Years without four digits, and what is no time at all, are refused")
    func outOfRange() {
        for seconds in [253_402_300_800, -62_167_219_201, 1e15, -1e300, .infinity, .nan] {
            #expect(throws: EncodingError.self) { try text(Date(timeIntervalSince1970: seconds)) }
        }
        for seconds in [1e300, -.infinity, .nan] {
            #expect(throws: EncodingError.self) { try text(Date(timeIntervalSince1970: seconds), Self.seconds) }
            #expect(throws: EncodingError.self) { try text(Date(timeIntervalSince1970: seconds), Self.milliseconds) }
        }
    }

    @Test(
        "A date that can't be written is not read either",
        arguments: [
            "9999-12-31T23:59:59-00:01", "9999-12-31T00:01:00-23:59", "0000-01-01T00:00:00+00:01",
            "0000-01-01T00:00:00+23:59", "9999-12-31T23:59:60Z", "9999-12-31T23:59:59.9999999999Z",
        ])
    func unwritable(text: String) {
        #expect(throws: DecodingError.self) { try date("\"\(text)\"") }
    }

    @Test("A number that is read as a date can be written", arguments: [Self.seconds, Self.milliseconds])
    func numbersAtTheEnds(coding: ValueCoding) throws {
        for number in ["1e15", "-1e15", "999999999999999", "-999999999999999", "999999999999999999", "1e18", "-1e18"] {
            guard let date = try? date(number, coding) else { continue }
            _ = try text(date, coding)
        }
    }

    @Test(
        "Any offset, fraction and case of letters is read",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050.52), ("1996-12-19T16:39:57-08:00", 851_042_397),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172.13), ("1970-01-01t00:00:00z", 0),
            ("1970-01-01T00:00:00-00:00", 0), ("1970-01-01T23:59:00+23:59", 0),
            ("1990-12-31T23:59:60Z", 662_688_000), ("1990-12-31T15:59:60-08:00", 662_688_000),
            ("1970-01-01T00:00:00.0000000000000000000000000000001Z", 0), ("1970-01-01T00:00:01.10Z", 1.1),
        ])
    func read(text: String, seconds: Double) throws {
        #expect(abs(try date("\"\(text)\"").timeIntervalSince1970 - seconds) < 1e-6)
    }

    @Test(
        "Everything else is refused",
        arguments: [
            "", "1970", "1970-01-01", "1970-01-01T00:00:00", "1970-01-01 00:00:00Z", "1970-01-01T00:00Z",
            "1970-1-01T00:00:00Z", "1970-13-01T00:00:00Z", "1970-00-01T00:00:00Z", "1970-01-00T00:00:00Z",
            "1970-01-32T00:00:00Z", "1970-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "1970-04-31T00:00:00Z",
            "1970-01-01T24:00:00Z", "1970-01-01T00:60:00Z", "1970-01-01T00:00:61Z", "1970-01-01T12:00:60Z",
            "1970-01-01T00:00:00.Z", "1970-01-01T00:00:00,5Z", "1970-01-01T00:00:00+0000", "1970-01-01T00:00:00+24:00",
            "1970-01-01T00:00:00+00:60", "1970-01-01T00:00:00+00", "1970-01-01T00:00:00Zx", " 1970-01-01T00:00:00Z",
            "+1970-01-01T00:00:00Z", "-970-01-01T00:00:00Z", "1970-01-01T-1:00:00Z", "１９７０-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(throws: DecodingError.self) { try date("\"\(text)\"") }
    }

    @Test("Any date is restored exactly", arguments: 0..<4 as Range<UInt64>)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<300 {
            let seconds = Double.random(in: -4e9...4e9, using: &random)
            let any = Date(timeIntervalSinceReferenceDate: seconds)
            #expect(try date(text(any)) == any)
            // As precise as seconds since 1970 are.
            #expect(abs(try date(text(any, Self.seconds), Self.seconds).timeIntervalSince(any)) < 5e-7)
            for (count, scale) in [(0, 1.0), (3, 1e3), (6, 1e6)] {
                let date = Date(timeIntervalSince1970: (seconds * scale).rounded() / scale)
                let written = try text(date)
                #expect(try self.date(written) == date)
                #expect(try self.date(text(date, Self.seconds), Self.seconds) == date)
                #expect(try self.date(text(date, Self.milliseconds), Self.milliseconds) == date)
                #expect(written.utf8.count <= 22 + count + (count > 0 ? 1 : 0), "\(written)")
            }
        }
        let now = Date()
        #expect(try date(text(now)) == now)
    }

    @Test(
        "Seconds and milliseconds are numbers without noise",
        arguments: [
            (0, "0", "0"), (1_700_000_000, "1700000000", "1700000000000"), (-1.25, "-1.25", "-1250"),
            (1_700_000_000.123, "1700000000.123", "1700000000123"), (-0.5, "-0.5", "-500"), (0.001, "0.001", "1"),
            (0.0625, "0.0625", "62.5"), (-0.0625, "-0.0625", "-62.5"), (-2, "-2", "-2000"),
        ])
    func numbers(interval: Double, seconds: String, milliseconds: String) throws {
        let date = Date(timeIntervalSince1970: interval)
        #expect(try text(date, Self.seconds) == seconds)
        #expect(try text(date, Self.milliseconds) == milliseconds)
        #expect(try self.date(seconds, Self.seconds) == date)
        #expect(try self.date(milliseconds, Self.milliseconds) == date)
    }

    @Test("Numbers of any form are read, and those out of range refused")
    func readNumbers() throws {
        let date = Date(timeIntervalSince1970: 1_700_000_000.5)
        for text in ["1700000000.5", "17000000005e-1", "1.7000000005E+9", "1700000000.50", "0.17000000005e10"] {
            #expect(try self.date(text, Self.seconds) == date)
        }
        #expect(try self.date("17000000005e2", Self.milliseconds) == date)
        #expect(try self.date("1e-400", Self.seconds) == Date(timeIntervalSince1970: 0))
        #expect(try self.date("-0", Self.seconds) == Date(timeIntervalSince1970: 0))
        for text in ["1e19", "1e400", "-1e999999999", "1e99999999999999999999", "\"1\"", "true", "null", "[]"] {
            #expect(throws: DecodingError.self) { try self.date(text, Self.seconds) }
            #expect(throws: DecodingError.self) { try self.date(text, Self.milliseconds) }
        }
        for text in ["0", "true", "null", "{}"] { #expect(throws: (any Error).self) { try self.date(text) } }
    }
}
