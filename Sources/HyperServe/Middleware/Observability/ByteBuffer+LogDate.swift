import HTTPCore

// Dates in the access log, composed of the parts of a Date field: "Sun, 06 Nov 1994 08:49:37 GMT".
extension ByteBuffer {
    /// Appends a date in the Common Log Format: "06/Nov/1994:08:49:37 +0000".
    mutating func appendLogDate(_ date: borrowing DateField) {
        date.withDate { text in
            append(text.extracting(5..<7))
            append("/")
            append(text.extracting(8..<11))
            append("/")
            append(text.extracting(12..<16))
            append(":")
            append(text.extracting(17..<25))
            append(" +0000")
        }
    }

    /// Appends a date in the format of RFC 3339: "1994-11-06T08:49:37Z".
    mutating func appendTimestamp(_ date: borrowing DateField) {
        let month = HTTPDate.month(of: date)
        date.withDate { text in
            append(text.extracting(12..<16))
            append(month < 10 ? "-0" : "-")
            append(decimal: month)
            append("-")
            append(text.extracting(5..<7))
            append("T")
            append(text.extracting(17..<25))
            append("Z")
        }
    }
}
