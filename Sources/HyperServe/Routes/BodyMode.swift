/// How a route takes the bodies of its requests.
public struct BodyMode: Sendable {
    let isStreamed: Bool
    /// Nil for the server's own limit, where bodies are collected, and for none, where they are streamed.
    let maximumByteCount: Int?

    /// The handler is called when the whole body is there, which may have up to
    /// `ServerConfiguration.maximumBodyByteCount` bytes. Longer ones are answered with 413.
    public static var collect: BodyMode { BodyMode(isStreamed: false, maximumByteCount: nil) }

    /// As `collect`, with a limit of the route's own, in bytes.
    public static func collect(upTo maximumByteCount: Int) -> BodyMode {
        BodyMode(isStreamed: false, maximumByteCount: maximumByteCount)
    }

    /// The handler is called when the head is there, and reads the body as it comes: `request.body.chunks` where it is
    /// async, `request.body.nextChunk()` where it is blocking. A client that is faster than the handler is slowed down
    /// by TCP; at most about 64 KiB wait in between.
    ///
    /// A handler may answer before it has read all of the body. Up to 64 KiB of the rest are then thrown away; with
    /// more to come, or when the client still waits for `100 Continue`, the answer says `Connection: close`, and the
    /// connection ends behind it (RFC 9110 section 10.1.1).
    public static var stream: BodyMode { BodyMode(isStreamed: true, maximumByteCount: nil) }

    /// As `stream`, for bodies of no more than that many bytes. Longer ones are answered with 413; where the length was
    /// not declared, reading throws `StreamError.bodyTooLarge`.
    public static func stream(upTo maximumByteCount: Int) -> BodyMode {
        BodyMode(isStreamed: true, maximumByteCount: maximumByteCount)
    }
}
