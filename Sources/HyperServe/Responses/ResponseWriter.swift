import HTTPCore
import Reactor

/// Writes a streamed answer from a task. One task at a time uses it, and only while the closure runs that it was given
/// to.
public final class ResponseWriter {
    /// Fields to stand behind the body; those announced with `Response.stream(trailers:)`, and no others.
    public var trailers = HeaderFields()

    private let exchange: Exchange
    private var body: StreamedBody

    /// Bytes of the body so far.
    var byteCount: Int { body.byteCount }

    init(_ exchange: Exchange, _ body: StreamedBody) {
        self.exchange = exchange
        self.body = body
    }

    /// Sends bytes; waits while the client is too far behind.
    ///
    /// - Throws: `StreamError.disconnected` when the client has left or is too slow, `.lengthExceeded` when there are
    ///   more bytes than were declared.
    public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws {
        // Bytes of an array expose nothing else.
        try await exchange.write { output throws(StreamError) in
            try unsafe body.append(bytes.span.bytes, to: &output)
        }
    }

    /// Sends text in UTF-8; as `write(_:)` for bytes.
    public nonisolated(nonsending) func write(_ text: String) async throws {
        try await exchange.write { output throws(StreamError) in
            try unsafe body.append(text.utf8.span.bytes, to: &output)
        }
    }

    /// Appends what ends the body. Throws if bytes are missing or the trailers are not valid.
    func end(into output: inout ByteBuffer) throws(StreamError) {
        try body.appendEnd(trailers, to: &output)
    }
}
