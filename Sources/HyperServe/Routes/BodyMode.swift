/// How a handler receives the bodies of its requests.
public struct BodyMode: Sendable {
    let isStreamed: Bool
    /// Nil for the server's limit if bodies are collected, and for no limit if they are streamed.
    let maximumByteCount: Int?

    /// The handler is called with the complete body, of at most `ServerConfiguration.maximumBodyByteCount` bytes. A
    /// longer one gets 413.
    public static var collect: BodyMode { BodyMode(isStreamed: false, maximumByteCount: nil) }

    /// Like `collect`, with a limit for this route, in bytes.
    public static func collect(upTo maximumByteCount: Int) -> BodyMode {
        BodyMode(isStreamed: false, maximumByteCount: maximumByteCount)
    }

    /// The handler is called after the head, and reads the body as it arrives: through `request.body.chunks` in an
    /// async handler, and `request.body.nextChunk()` in a blocking one. A client that sends faster than the handler
    /// reads is slowed down by TCP; at most about 64 KiB wait in between.
    ///
    /// A handler may respond before it has read all of the body. Up to 64 KiB of the rest are then discarded. If there
    /// is more, or the client still waits for `100 Continue`, the response has `Connection: close`, and the connection
    /// is closed after it (RFC 9110 section 10.1.1).
    ///
    /// There is no limit: `ServerConfiguration.maximumBodyByteCount` is for bodies in memory. It applies to a part of a
    /// form that the handler collects; see `MultipartPart.collect(upTo:)`.
    public static var stream: BodyMode { BodyMode(isStreamed: true, maximumByteCount: nil) }

    /// Like `stream`, for bodies of at most that many bytes, however they are read. A longer one gets 413; if its
    /// length was not declared, reading throws `StreamError.bodyTooLarge`.
    public static func stream(upTo maximumByteCount: Int) -> BodyMode {
        BodyMode(isStreamed: true, maximumByteCount: maximumByteCount)
    }
}
