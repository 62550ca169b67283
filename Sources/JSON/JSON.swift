/// Strict JSON (RFC 8259) coding of `Codable` values, without Foundation.
///
/// For request and response bodies there are `Request.decode(json:)` and `Response.json(_:status:)`.
public enum JSON {
    /// How deep arrays and objects may be nested, for decoding and encoding.
    public static var maximumDepth: Int { JSONValueEncoder.maximumDepth }

    /// Decodes a value from UTF-8 text that contains nothing else but white space.
    ///
    /// An object with a repeated name is refused, since decoders disagree about its meaning (RFC 7493 section 2.3). An
    /// integer is a number without fraction and exponent; it must fit its type exactly. Other numbers are rounded to
    /// the nearest `Double` or `Float`, and refused if they are too large. Members that the type does not decode are
    /// ignored.
    ///
    /// - Throws: `JSONSyntaxError` if the text is not JSON, is nested deeper than `maximumDepth`, or is longer than 2
    ///   GiB; `DecodingError` if it does not match the type; and what `Value.init(from:)` throws.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let document = try JSONDocument(bytes)
        return try JSONValueDecoder(document: document, node: 0, depth: 0).decode(type)
    }

    /// Returns a value as UTF-8 text without white space, with keys in the order in which they are encoded.
    ///
    /// - Throws: `EncodingError` if the value can't be represented in JSON, such as a number that is not finite.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        try JSONValueEncoder.encodeOnThread(value)
    }
}

/// A violation of the JSON grammar, and its position.
public struct JSONSyntaxError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What is wrong, in a few words.
    public let reason: String
    /// The offset of the error in bytes, from 0 to the length of the text.
    public let byteOffset: Int

    init(_ reason: String, at byteOffset: Int) {
        self.reason = reason
        self.byteOffset = byteOffset
    }

    /// The reason and the offset.
    public var description: String { "\(reason) at byte \(byteOffset)" }
}
