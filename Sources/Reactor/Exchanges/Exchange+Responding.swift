import HTTP1
package import HTTPCore

// The response of a handler that does not run inline, in the protocol of its connection. The functions that encode may
// be called by any thread; the others by the one that the handler runs on.
extension Exchange {
    /// The head of a response whose body follows while it is sent.
    package struct Begun: Sendable {
        /// The result, once the body is complete.
        package let responded: Responded
        /// Encodes the body; nil if none follows.
        package let body: BodyEncoder?
    }

    /// Appends a response that is complete.
    package final func encode(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Responded {
        Responded(encoder.encode(head, content, date: date, into: &output))
    }

    /// Appends a 500 in place of a response that can't be sent.
    package final func encodeFailure(date: borrowing DateField, into output: inout ByteBuffer) -> Responded {
        Responded(encoder.encodeFailure(date: date, into: &output))
    }

    /// Appends the head of a response whose body is written while it is sent.
    ///
    /// - Parameters:
    ///   - contentLength: bytes of the body, if that is known; not negative.
    ///   - trailerNames: the names of the fields that may follow the body.
    package final func begin(
        _ head: borrowing ResponseHead, contentLength: Int?, trailerNames: [String], date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> Begun {
        let begun = encoder.begin(
            head, contentLength: contentLength, trailerNames: trailerNames, date: date, into: &output)
        return Begun(
            responded: Responded(begun.head),
            body: begun.framing.map { BodyEncoder($0, trailerNames: trailerNames) })
    }

    /// For a response that begins now.
    private var encoder: ResponseEncoder {
        var encoder = ticket.encoder
        encoder.remainingBody = remainingBody
        return encoder
    }
}
