public import HTTP1
public import HTTPCore

/// The encoder for the response to one request, in the protocol of its connection: one case per protocol. The protocol
/// creates it, and everything between the protocol and the handler passes it on without looking inside.
@usableFromInline
package enum ProtocolEncoder: Sendable {
    case http1(ResponseEncoder)

    /// The head of a response whose body follows while it is sent.
    package struct Begun: Sendable {
        /// The result, once the body is complete.
        package let responded: Responded
        /// Encodes the body; nil if none follows.
        package let body: BodyEncoder?
    }

    /// What the protocol knows about the request and may still change before the response begins, in a form of the
    /// protocol's own.
    var requestState: UInt8 {
        get {
            switch self {
            case .http1(let encoder): encoder.remainingBody.rawValue
            }
        }
        set {
            switch self {
            case .http1(var encoder):
                encoder.remainingBody = RemainingBody(rawValue: newValue) ?? .unrequested
                self = .http1(encoder)
            }
        }
    }

    /// Appends a response that is complete.
    @inlinable
    package func encode(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Responded {
        switch self {
        case .http1(let encoder): Responded(.http1(encoder.encode(head, content, date: date, into: &output)))
        }
    }

    /// Appends a response in place of one that can't be sent.
    func encodeFailure(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Responded {
        switch self {
        case .http1(let encoder):
            Responded(.http1(encoder.encodeFailure(head, content, date: date, into: &output)))
        }
    }

    /// Removes what `encode` has just appended, with the same date, in place of a response that can't be sent.
    func removeFailure(date: borrowing DateField, from output: inout OutputQueue) {
        switch self {
        case .http1(let encoder): encoder.removeFailure(date: date, from: &output)
        }
    }

    /// Whether the response has no body because the request was HEAD.
    var isHead: Bool {
        switch self {
        case .http1(let encoder): encoder.isHead
        }
    }

    /// Appends the head of a response whose body is written while it is sent.
    ///
    /// - Parameters:
    ///   - contentLength: bytes of the body, if that is known; not negative.
    ///   - trailerNames: the names of the fields that may follow the body.
    func begin(
        _ head: borrowing ResponseHead, contentLength: Int?, trailerNames: [String], date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> Begun {
        switch self {
        case .http1(let encoder):
            let begun = encoder.begin(
                head, contentLength: contentLength, trailerNames: trailerNames, date: date, into: &output)
            return Begun(responded: Responded(.http1(begun.head)), body: begun.body.map { .http1($0) })
        }
    }
}
