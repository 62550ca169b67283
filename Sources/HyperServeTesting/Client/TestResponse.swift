public import HyperServe

/// An answer as a client reads it off the connection.
public struct TestResponse: Sendable {
    /// The status.
    public let status: Status
    /// The field lines in the order in which they came. Names compare without regard to case.
    public let headers: HeaderFields
    /// The content, its transfer coding undone.
    public let body: [UInt8]
    /// The field lines behind a chunked body.
    public let trailers: HeaderFields

    /// The content as text. Bytes that are not UTF-8 become U+FFFD.
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The content as a value, read as JSON.
    ///
    /// - Throws: `TestError` if Content-Type says that it is no JSON; what `JSON.decode(_:from:)` throws.
    public func decode<Value: Decodable>(json type: Value.Type) throws -> Value {
        let mediaType = headers["Content-Type"] ?? "no content"
        guard mediaType == "application/json" || mediaType.hasSuffix("+json") else {
            throw TestError.malformedAnswer("\(mediaType) where JSON is expected")
        }
        return try JSON.decode(type, from: body)
    }
}
