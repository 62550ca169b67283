import HTTPCore
import Reactor

/// Writes a streamed answer from a task. One task at a time uses it, and only while the closure runs that it was given
/// to.
public final class ResponseWriter {
    /// Fields to stand behind the body; those announced with `Response.stream(trailers:)`, and no others.
    public var trailers = HeaderFields()

    private let exchange: Exchange
    private var framer: BodyFramer

    /// Bytes of the body so far.
    var byteCount: Int { framer.byteCount }

    init(_ exchange: Exchange, _ framer: BodyFramer) {
        self.exchange = exchange
        self.framer = framer
    }

    /// Sends bytes; waits while the client is too far behind.
    ///
    /// - Throws: `StreamError.disconnected` when the client has left or is too slow, `.lengthExceeded` when there are
    ///   more bytes than were declared.
    public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws {
        // Bytes of an array expose nothing else.
        try await exchange.write { output throws(StreamError) in
            try unsafe framer.append(bytes.span.bytes, to: &output)
        }
    }

    /// Sends text in UTF-8; as `write(_:)` for bytes.
    public nonisolated(nonsending) func write(_ text: String) async throws {
        try await exchange.write { output throws(StreamError) in
            try unsafe framer.append(text.utf8.span.bytes, to: &output)
        }
    }

    /// Appends what ends the body. Throws if bytes are missing or the trailers are not valid.
    func end(into output: inout ByteBuffer) throws(StreamError) {
        try framer.appendEnd(trailers, to: &output)
    }
}
