import HyperServe
import TestSupport

/// What the encoder writes for a value, as text.
func json(_ value: some Encodable) throws -> String {
    try JSONValueEncoder().text(of: value)
}

extension JSONValueEncoder {
    func text(of value: some Encodable) throws -> String {
        String(decoding: try encode(value), as: UTF8.self)
    }
}

extension Encoder {
    /// A container with keys of any name.
    func object() -> KeyedEncodingContainer<AnyKey> {
        container(keyedBy: AnyKey.self)
    }
}

/// What a test's value throws.
struct Failure: Error {}
