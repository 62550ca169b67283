/// JSON (RFC 8259) to and from `Codable` values, strictly and without Foundation.
///
/// The bodies of requests have `Request.decode(json:)`, and responses have `Response.json(_:status:)`.
public enum JSON {
    /// How many arrays and objects may be inside each other, in both directions.
    public static var maximumDepth: Int { JSONValueEncoder.maximumDepth }

    /// Reads a value from a text in UTF-8 that holds it and nothing else but white space.
    ///
    /// An object that has a name twice is refused, since readers disagree about what it means (RFC 7493 section 2.3).
    /// A whole number is one that is written without fraction and exponent; it must fit its type exactly. Other
    /// numbers are rounded to the nearest `Double` or `Float`, and refused if they are too large for it. Members that
    /// the type does not ask for are ignored.
    ///
    /// - Throws: `JSONSyntaxError` if the text is not JSON, is more than `maximumDepth` deep, or is longer than 2 GiB;
    ///   `DecodingError` if it is JSON of another shape than the value has; and what `Value.init(from:)` throws.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let document = try JSONDocument(bytes)
        return try JSONPlace(document: document, node: 0, depth: 0).decode(type)
    }

    /// Writes a value as UTF-8, in the fewest bytes and with its keys in the order in which they are encoded.
    ///
    /// - Throws: `EncodingError` if the value can't be JSON: not-a-number, for example.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        try JSONValueEncoder.encodeOnThread(value)
    }
}

/// What is wrong with a text that is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was found or missed, in a few words.
    public let reason: String
    /// How many bytes stand before the place, from 0 to the length of the text.
    public let byteOffset: Int

    init(_ reason: String, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    /// Reason and place.
    public var description: String { "\(reason) at byte \(byteOffset)" }
}
