import HTTPCore
import Reactor

/// Writes a streamed answer from a thread that may block. Only the thread uses it that runs the closure it was given
/// to, and only while that runs.
public final class BlockingResponseWriter {
    /// Small writes are gathered until there are this many bytes.
    private static let bufferByteCount = 16 * 1024

    /// Fields to stand behind the body; those announced with `Response.stream(trailers:)`, and no others.
    public var trailers = HeaderFields()

    private let exchange: Exchange
    private var body: StreamedBody
    /// Framed, and not sent yet.
    private var framed: ByteBuffer
    /// Written, and not framed yet.
    private var gathered = ByteBuffer()

    /// Bytes of the body that the connection has taken.
    private(set) var byteCount = 0

    init(_ exchange: Exchange, _ body: StreamedBody, head: consuming ByteBuffer) {
        self.exchange = exchange
        self.body = body
        framed = head
    }

    /// Sends bytes, after some more have gathered; blocks while the client is too far behind.
    ///
    /// - Throws: `StreamError.disconnected` when the client has left or is too slow, `.lengthExceeded` when there are
    ///   more bytes than were declared.
    public func write(_ bytes: [UInt8]) throws(StreamError) {
        try unsafe write(bytes.span.bytes)
    }

    /// Sends text in UTF-8; as `write(_:)` for bytes.
    public func write(_ text: String) throws(StreamError) {
        // The UTF-8 of a String exposes nothing else.
        try unsafe write(text.utf8.span.bytes)
    }

    /// Sends what has gathered at once, for answers that come in pieces with pauses between them.
    public func flush() throws(StreamError) {
        try frame()
        var bytes = ByteBuffer()
        swap(&bytes, &framed)
        if !bytes.isEmpty { try exchange.send(OutputQueue(bytes)) }
        byteCount = body.byteCount
    }

    /// The last bytes, with what ends the body. Throws if bytes are missing or the trailers are not valid.
    func takeEnd() throws(StreamError) -> ByteBuffer {
        try frame()
        try body.appendEnd(trailers, to: &framed)
        return takeRest()
    }

    /// What was not sent yet, and is the caller's to send. Nothing if the client is gone.
    func takeRest() -> ByteBuffer {
        var bytes = ByteBuffer()
        guard !exchange.isOver else { return bytes }
        byteCount = body.byteCount
        swap(&bytes, &framed)
        return bytes
    }

    private func write(_ bytes: RawSpan) throws(StreamError) {
        if gathered.isEmpty, bytes.byteCount >= Self.bufferByteCount {
            try body.append(bytes, to: &framed)
        } else {
            gathered.append(bytes)
        }
        if framed.count + gathered.count >= Self.bufferByteCount { try flush() }
    }

    private func frame() throws(StreamError) {
        var bytes = ByteBuffer()
        swap(&bytes, &gathered)
        guard !bytes.isEmpty else { return }
        // `bytes` stays in place for the call.
        try unsafe body.append(RawSpan(_unsafeBytes: bytes.unsafeBytes), to: &framed)
        bytes.removeAll()
        swap(&bytes, &gathered)
    }
}
