public import HTTP1

/// The result of sending a response, which nothing else returns. It goes back to the protocol, which alone knows what
/// it means for the connection.
public struct Responded: Sendable {
    /// What the protocol's encoder has returned: one case per protocol.
    @usableFromInline
    package enum Encoded: Sendable {
        case http1(ResponseEncoder.Encoded)
    }

    @usableFromInline let encoded: Encoded

    @inlinable
    init(_ encoded: Encoded) { self.encoded = encoded }

    /// One of its fields must not be sent, so a 500 was sent in its place.
    @inlinable public var isReplaced: Bool {
        switch encoded {
        case .http1(let encoded): encoded.isReplaced
        }
    }
}
