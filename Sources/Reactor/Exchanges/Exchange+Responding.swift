package import HTTPCore

// The response of a handler that does not run inline, in the protocol of its connection. The functions that encode may
// be called by any thread; the others by the one that the handler runs on.
extension Exchange {
    /// Appends a response that is complete.
    package final func encode(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Responded {
        encoder.encode(head, content, date: date, into: &output)
    }

    /// Appends a response in place of one that can't be sent.
    package final func encodeFailure(
        _ head: borrowing ResponseHead, _ content: ResponseContent, date: borrowing DateField,
        into output: inout OutputQueue
    ) -> Responded {
        encoder.encodeFailure(head, content, date: date, into: &output)
    }

    /// Appends the head of a response whose body is written while it is sent.
    ///
    /// - Parameters:
    ///   - contentLength: bytes of the body, if that is known; not negative.
    ///   - trailerNames: the names of the fields that may follow the body.
    package final func begin(
        _ head: borrowing ResponseHead, contentLength: Int?, trailerNames: [String], date: borrowing DateField,
        into output: inout ByteBuffer
    ) -> ProtocolEncoder.Begun {
        isEventStream = head.isEventStream
        return encoder.begin(head, contentLength: contentLength, trailerNames: trailerNames, date: date, into: &output)
    }

    /// For a response that begins now.
    private var encoder: ProtocolEncoder {
        var encoder = ticket.encoder
        encoder.requestState = requestState
        return encoder
    }
}
