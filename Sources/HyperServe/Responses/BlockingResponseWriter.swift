import HTTPCore
import Platform
import Reactor
import Synchronization

/// Writes a streamed response from a thread that may block. Only the thread of the closure that received it may use it,
/// and only while the closure runs: everywhere else its functions throw `StreamError.usedConcurrently`, and afterwards
/// `StreamError.ended`, and send nothing.
public final class BlockingResponseWriter {
    /// Small writes are collected until there are this many bytes.
    private static let bufferByteCount = 16 * 1024

    /// The trailer fields, sent after the body. Only names that were passed to `Response.blockingStream(trailers:)` are
    /// allowed, and those set after the closure has returned are not sent.
    public var trailers = HeaderFields()

    private let exchange: Exchange
    /// The thread of the closure.
    private let thread = Thread.currentNumber
    /// Set once the closure has returned. Any thread may read it.
    private let isEnded = Atomic<Bool>(false)
    private var body: StreamedBody
    /// Bytes that are encoded and not sent yet.
    private var encoded: ByteBuffer
    /// Bytes that are written and not encoded yet.
    private var collected = ByteBuffer()

    /// Number of bytes of the body that were passed to the connection.
    private(set) var byteCount = 0

    init(_ exchange: Exchange, _ body: StreamedBody, head: consuming ByteBuffer) {
        self.exchange = exchange
        self.body = body
        encoded = head
    }

    /// Whether the closure should come to its end: the server has begun to close, or the client is gone. While the
    /// server closes, writing still works; the closure ends the body by returning. If it throws, the response is
    /// incomplete, unless it is a stream of events that throws `CancellationError`.
    public var isCancelled: Bool { exchange.isServerClosing || exchange.isOver }

    /// Sends bytes, small writes together with later ones; blocks while too many are not sent yet.
    ///
    /// - Throws: `StreamError.disconnected` when the client has disconnected or is too slow, `.lengthExceeded` when
    ///   there are more bytes than were declared, `.ended` after the closure has returned, `.usedConcurrently` on
    ///   another thread than that of the closure.
    public func write(_ bytes: [UInt8]) throws(StreamError) {
        try unsafe write(bytes.span.bytes)
    }

    /// Sends text in UTF-8, like `write(_:)` for bytes.
    public func write(_ text: String) throws(StreamError) {
        // The UTF-8 of a String exposes nothing else.
        try unsafe write(text.utf8.span.bytes)
    }

    /// Sends all collected bytes now, for responses that are written with pauses. Throws as `write(_:)`.
    public func flush() throws(StreamError) {
        try checkUse()
        try encode()
        var bytes = ByteBuffer()
        swap(&bytes, &encoded)
        if !bytes.isEmpty { try exchange.send(OutputQueue(bytes)) }
        byteCount = body.byteCount
    }

    /// Returns the last bytes and the end of the body, for the caller to send. Throws if bytes are missing or the
    /// trailers are invalid.
    func takeEnd() throws(StreamError) -> ByteBuffer {
        isEnded.store(true, ordering: .relaxed)
        try encode()
        try body.appendEnd(trailers, to: &encoded)
        return takeRest()
    }

    /// Returns the bytes that are not sent yet, for the caller to send. Empty if the request is over.
    func takeRest() -> ByteBuffer {
        isEnded.store(true, ordering: .relaxed)
        var bytes = ByteBuffer()
        guard !exchange.isOver else { return bytes }
        byteCount = body.byteCount
        swap(&bytes, &encoded)
        return bytes
    }

    /// Throws if the closure has returned, or if this is not its thread.
    // Relaxed: nothing else is read because of it, and the closure's thread sees its own store.
    private func checkUse() throws(StreamError) {
        if isEnded.load(ordering: .relaxed) { throw .ended }
        if thread != Thread.currentNumber { throw .usedConcurrently }
    }

    private func write(_ bytes: RawSpan) throws(StreamError) {
        try checkUse()
        if collected.isEmpty, bytes.byteCount >= Self.bufferByteCount {
            try body.append(bytes, to: &encoded)
        } else {
            collected.append(bytes)
        }
        if encoded.count + collected.count >= Self.bufferByteCount { try flush() }
    }

    private func encode() throws(StreamError) {
        var bytes = ByteBuffer()
        swap(&bytes, &collected)
        guard !bytes.isEmpty else { return }
        // `bytes` stays in place for the call.
        try unsafe body.append(RawSpan(_unsafeBytes: bytes.unsafeBytes), to: &encoded)
        bytes.removeAll()
        swap(&bytes, &collected)
    }
}
