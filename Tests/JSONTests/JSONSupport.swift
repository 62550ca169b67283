import JSON
import TestSupport

/// The output of the encoder for a value, as text.
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

/// The error that a test's value throws.
struct Failure: Error {}

/// A value that encodes itself with a closure.
struct Custom: Encodable {
    let body: (any Encoder) throws -> Void

    init(_ body: @escaping (any Encoder) throws -> Void) {
        self.body = body
    }

    func encode(to encoder: any Encoder) throws {
        try body(encoder)
    }
}
