/// Why a body could not be read, or a response not be written, to its end.
public enum StreamError: Error, Sendable, Equatable {
    /// The client left or was too slow, or the server stopped: nothing more is received or sent.
    case disconnected
    /// The body is malformed; the client got a 400.
    case bodyMalformed
    /// The body is longer than its route allows; the client got a 413.
    case bodyTooLarge
    /// The body arrived more slowly than the minimum rate; the client got a 408.
    case bodyTooSlow
    /// More bytes were written than the declared Content-Length. The connection is closed.
    case lengthExceeded
    /// Fewer bytes were written than the declared Content-Length. The connection is closed.
    case lengthNotReached
    /// A trailer was not declared, is malformed, or must not be one (RFC 9110 section 6.5.1).
    case trailerNotAllowed
    /// `nextChunk()` was called on a reactor's thread, which must not block: by a handler that is not `.blocking`.
    case wouldBlock
    /// `nextChunk()` was called for a body that was collected before the handler was called.
    case bodyCollected
    /// A body that is read as it arrives was to be decoded as one that was collected before the handler was called.
    case bodyStreamed
    /// A body was read, or a response written, while another reader or writer of it waited.
    case usedConcurrently
    /// A body was read, or a response written, after the handler had ended its response: by a task or a thread that
    /// has outlived it.
    case ended
    /// A part of a form was read after the next part was asked for.
    case partPassed
    /// A streamed body, a form or a part of one was read again after its end, or a streamed body both as a form and in
    /// chunks.
    case alreadyRead
}

extension StreamError {
    /// Whether the handler caused it, not the client or the network. Such an error belongs in the log.
    package var isMistake: Bool {
        switch self {
        case .disconnected, .bodyMalformed, .bodyTooLarge, .bodyTooSlow: false
        case .lengthExceeded, .lengthNotReached, .trailerNotAllowed: true
        case .wouldBlock, .bodyCollected, .bodyStreamed, .usedConcurrently, .ended, .partPassed, .alreadyRead: true
        }
    }
}

extension StreamError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .disconnected: "the connection is gone"
        case .bodyMalformed: "the request's body is malformed"
        case .bodyTooLarge: "the request's body is too large"
        case .bodyTooSlow: "the request's body arrived too slowly"
        case .lengthExceeded: "more bytes were written than the declared Content-Length"
        case .lengthNotReached: "fewer bytes were written than the declared Content-Length"
        case .trailerNotAllowed: "a trailer is not declared, malformed, or not allowed"
        case .wouldBlock:
            "nextChunk() would block the reactor: mark the route .blocking, or read with for try await over the chunks"
        case .bodyCollected: "nextChunk() needs a route with body: .stream; this body was collected: read its bytes"
        case .bodyStreamed:
            "decoding needs a collected body: on a route with body: .stream, read the chunks or the parts of the form"
        case .usedConcurrently: "a body has one reader, and a response one writer, at a time"
        case .ended: "the handler has ended its response: nothing more is read or written for it"
        case .partPassed: "a part of the form was read after the next part was asked for"
        case .alreadyRead:
            "a streamed body, a form or a part of one can be read once, in one way: keep what a second reader needs"
        }
    }
}
