import HTTPCore

/// The pairs of a query or a form, `application/x-www-form-urlencoded`, percent-decoded.
struct FormFields {
    /// More pairs than any form has. Bounded, since a table of pairs takes much more memory than their text.
    static let maximumCount = 1000

    /// The distinct names, in order of their first occurrence.
    private(set) var names: [String] = []
    /// The values of each name, in order.
    private var values: [String: [String]] = [:]

    /// Parses the text. A name without `=` has the value "", and an empty pair is ignored.
    ///
    /// - Throws: 400 for a percent sign without two digits, for bytes that are not UTF-8, and for too many pairs.
    init(_ text: RawSpan) throws(HTTPError) {
        // Any byte is a valid UInt8, and bytes have no alignment.
        let bytes = unsafe text._unsafeView(as: UInt8.self)
        var count = 0
        var start = 0
        while start < bytes.count {
            var (equals, end) = (-1, start)
            while end < bytes.count, bytes[end] != UInt8(ascii: "&") {
                if bytes[end] == UInt8(ascii: "="), equals < 0 { equals = end }
                end += 1
            }
            if end > start {
                count += 1
                guard count <= Self.maximumCount else {
                    throw HTTPError(.badRequest, "There are more than \(Self.maximumCount) fields.")
                }
                let name = try Self.decoded(text.extracting(start..<(equals < 0 ? end : equals)))
                let value = equals < 0 ? "" : try Self.decoded(text.extracting(equals + 1..<end))
                if values[name] == nil { names.append(name) }
                values[name, default: []].append(value)
            }
            start = end + 1
        }
    }

    subscript(name: String) -> [String] { values[name] ?? [] }

    private static func decoded(_ text: RawSpan) throws(HTTPError) -> String {
        var buffer = ByteBuffer()
        // The bytes are valid as long as the buffer, which does not change.
        guard PercentDecoding.decode(text, into: &buffer, plusIsSpace: true),
            let string = unsafe String(validating: buffer.unsafeBytes, as: UTF8.self)
        else { throw HTTPError(.badRequest, "A field is not percent-encoded UTF-8.") }
        return string
    }
}
