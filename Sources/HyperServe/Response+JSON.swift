import HTTP1

extension Response {
    /// `value` as JSON (RFC 8259), encoded at once and without Foundation. Throws `EncodingError` if the value cannot
    /// be encoded: not-a-number, for example.
    public static func json(_ value: some Encodable, status: Status = .ok) throws -> Response {
        var buffer = ByteBuffer(capacity: 256)
        try JSONValueEncoder().encode(value, into: &buffer)
        return Response(status: status, contentType: .json, body: .bytes(unsafe [UInt8](buffer.unsafeBytes)))
    }
}
