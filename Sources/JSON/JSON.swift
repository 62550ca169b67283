import CPlatform

/// Strict JSON (RFC 8259) coding of `Codable` values, without Foundation.
///
/// For request and response bodies there are `Request.decode(json:coding:)` and `Response.json(_:status:)`.
public enum JSON {
    /// How deep arrays and objects may be nested, for decoding and encoding. On a thread with a small stack the
    /// limit is lower: values are refused that leave less than 64 KiB of it, or half of a stack of less than 128 KiB.
    public static var maximumDepth: Int { JSONValueEncoder.maximumDepth }

    /// Decodes a value from UTF-8 text that contains nothing else but white space.
    ///
    /// An object with a repeated name is refused, since decoders disagree about its meaning (RFC 7493 section 2.3). An
    /// integer is a number without fraction and exponent; it must fit its type exactly. Other numbers are rounded to
    /// the nearest `Double` or `Float`, and refused if they are too large. Members that the type does not decode are
    /// ignored.
    ///
    /// `Date`, `Data`, `URL` and `Decimal` are Foundation's, and their own coding is meant for Foundation's coders.
    /// They are decoded by a `coding` of the module `HyperServeFoundation`, and refused otherwise.
    ///
    /// - Throws: `JSONSyntaxError` if the text is not JSON, is nested deeper than `maximumDepth`, or is longer than 2
    ///   GiB; `DecodingError` if it does not match the type, is nested deeper than the thread's stack allows, or needs
    ///   another `coding`; and what `Value.init(from:)` throws.
    public static func decode<Value: Decodable>(
        _ type: Value.Type, from bytes: [UInt8], coding: ValueCoding = ValueCoding()
    ) throws -> Value {
        let document = try JSONDocument(bytes, coding: coding)
        return try JSONValueDecoder(document: document, node: 0, depth: 0).decode(type)
    }

    /// Returns a value as UTF-8 text without white space, with keys in the order in which they are encoded.
    ///
    /// `Date`, `Data`, `URL` and `Decimal` are Foundation's, and their own coding is meant for Foundation's coders.
    /// They are encoded by a `coding` of the module `HyperServeFoundation`, and refused otherwise.
    ///
    /// - Throws: `EncodingError` if the value can't be represented in JSON, such as a number that is not finite, is
    ///   nested deeper than `maximumDepth` or than the thread's stack allows, or needs another `coding`; and what its
    ///   `encode(to:)` throws.
    public static func encode(_ value: some Encodable) throws -> [UInt8] {
        try JSONValueEncoder.encodeOnThread(value)
    }

    /// Returns a value as UTF-8 text as `encode(_:)` does, by the rules of `coding`.
    public static func encode(_ value: some Encodable, coding: ValueCoding) throws -> [UInt8] {
        try JSONValueEncoder.encodeOnThread(value, coding: coding)
    }
}

/// The stack of the calling thread.
package enum ThreadStack {
    /// Whether enough of it is left for another level of a recursion over data.
    package static var hasRoom: Bool { hs_stack_has_room() }
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
