import JSON

extension Response {
    /// `value` as JSON (RFC 8259), encoded at once and without Foundation. Throws `EncodingError` if the value cannot
    /// be encoded: not-a-number, for example.
    public static func json(_ value: some Encodable, status: Status = .ok) throws -> Response {
        .bytes(try JSONValueEncoder.encodeOnThread(value), contentType: .json, status: status)
    }
}
