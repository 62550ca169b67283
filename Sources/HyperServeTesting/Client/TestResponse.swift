public import HyperServe

/// A response as a client receives it.
public struct TestResponse: Sendable {
    /// The status.
    public let status: Status
    /// The header fields in the order in which they arrived. Names are compared without regard to case.
    public let headers: HeaderFields
    /// The content, without transfer coding.
    public let body: [UInt8]
    /// The trailer fields of a chunked body.
    public let trailers: HeaderFields

    /// The content as text. Bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// Decodes the content from JSON.
    ///
    /// - Throws: `TestError` if Content-Type is not JSON; what `JSON.decode(_:from:coding:)` throws.
    public func decode<Value: Decodable>(
        json type: Value.Type, coding: ValueCoding = ValueCoding()
    ) throws -> Value {
        let mediaType = headers["Content-Type"] ?? "no content"
        guard mediaType == "application/json" || mediaType.hasSuffix("+json") else {
            throw TestError.malformedResponse("\(mediaType) where JSON is expected")
        }
        return try JSON.decode(type, from: body, coding: coding)
    }
}
