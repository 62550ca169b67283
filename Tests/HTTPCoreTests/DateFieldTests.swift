import Glibc
import HTTPCore
import TestSupport
import Testing

@Suite("The Date line")
struct DateFieldTests {
    /// Seconds since 1970, and their form in RFC 9110 section 5.6.7.
    private static let known: [(seconds: Int, date: String)] = [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
        (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"),
        (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
        (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
        (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 GMT"),
        (1_735_689_600, "Wed, 01 Jan 2025 00:00:00 GMT"),
        (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 GMT"),
        (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
        (4_294_967_296, "Sun, 07 Feb 2106 06:28:16 GMT"),
        (13_574_563_200, "Tue, 29 Feb 2400 00:00:00 GMT"),
        (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]

    private func text(_ date: borrowing DateField) -> String {
        var buffer = ByteBuffer()
        date.appendDate(to: &buffer)
        return buffer.text
    }

    @Test("formats known times", arguments: known.indices)
    func knownTimes(index: Int) {
        let (seconds, date) = Self.known[index]
        #expect(text(DateField(unixSeconds: seconds)) == "\(date)")
        var updated = DateField(unixSeconds: 1)
        updated.update(unixSeconds: seconds)
        #expect(text(updated) == "\(date)")
        #expect(updated.unixSeconds == seconds)
    }

    @Test("agrees with the C library for days of 400 years and seconds of a day")
    func againstLibrary() {
        var date = DateField(unixSeconds: 0)
        for day in stride(from: 0, to: 146_097, by: 13) {
            let seconds = day * 86_400 + day * 7919 % 86_400
            date.update(unixSeconds: seconds)
            #expect(text(date) == Self.reference(seconds))
        }
        for seconds in stride(from: 1_700_000_000, to: 1_700_086_400, by: 47) {
            date.update(unixSeconds: seconds)
            #expect(text(date) == Self.reference(seconds))
        }
    }

    @Test("goes backwards as well as forwards, and stays the same with the time")
    func updates() {
        var date = DateField(unixSeconds: 100)
        for (seconds, clock) in [(100, "00:01:40"), (101, "00:01:41"), (101, "00:01:41"), (99, "00:01:39")] {
            date.update(unixSeconds: seconds)
            #expect(text(date) == "Thu, 01 Jan 1970 \(clock) GMT")
        }
    }

    @Test("clips times that its format can't represent")
    func clipping() {
        #expect(text(DateField(unixSeconds: -1)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(text(DateField(unixSeconds: .min)) == "Thu, 01 Jan 1970 00:00:00 GMT")
        #expect(text(DateField(unixSeconds: .max)) == "Fri, 31 Dec 9999 23:59:59 GMT")
        var date = DateField(unixSeconds: 5)
        date.update(unixSeconds: .max)
        #expect(text(date) == "Fri, 31 Dec 9999 23:59:59 GMT")
    }

    @Test("returns the date alone, for Last-Modified")
    func dateAlone() {
        var buffer = ByteBuffer()
        DateField(unixSeconds: 784_111_777).appendDate(to: &buffer)
        #expect(buffer.text == "Sun, 06 Nov 1994 08:49:37 GMT")
    }

    private static func reference(_ seconds: Int) -> String {
        var time = time_t(seconds)
        // Its only pointer, to the zone's name, is not used.
        var parts = unsafe tm()
        var line = [CChar](repeating: 0, count: 64)
        // Names of days and months are English in the C locale, which a test process starts in.
        _ = unsafe gmtime_r(&time, &parts)
        let count = unsafe strftime(&line, line.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
        return String(decoding: line[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
