import HTTPCore
import Reactor
import Synchronization

/// Writes a streamed response from a task. It may be used only while the closure runs that received it: a write of a
/// task that outlives the closure throws `StreamError.ended`, and sends nothing. Where two tasks write at once, each
/// write is sent as a whole, and the one that has to wait while another waits throws `StreamError.usedConcurrently`.
public final class ResponseWriter: @unchecked Sendable {
    // `@unchecked Sendable`: `body` is used on the reactor's actor only, where `Exchange.write` calls its closure.
    private let exchange: Exchange
    private var body: StreamedBody
    /// The server's pool for what blocks.
    private let blockingPool: BlockingPool
    private let fields = Mutex(HeaderFields())

    /// The trailer fields, sent after the body. Only names that were passed to `Response.stream(trailers:)` are
    /// allowed, and those set after the closure has returned are not sent.
    public var trailers: HeaderFields {
        get { fields.withLock { $0 } }
        set { fields.withLock { $0 = newValue } }
    }

    /// Number of bytes of the body so far.
    var byteCount: Int { body.byteCount }

    init(_ exchange: Exchange, _ body: StreamedBody, _ blockingPool: BlockingPool) {
        self.exchange = exchange
        self.body = body
        self.blockingPool = blockingPool
    }

    /// Sends bytes; waits while too many are not sent yet.
    ///
    /// - Throws: `StreamError.disconnected` when the client has disconnected or is too slow, `.lengthExceeded` when
    ///   there are more bytes than were declared, `.ended` after the closure has returned.
    public nonisolated(nonsending) func write(_ bytes: [UInt8]) async throws {
        // Bytes of an array expose nothing else.
        try await exchange.write { output throws(StreamError) in
            try unsafe body.append(bytes.span.bytes, to: &output)
        }
    }

    /// Sends text in UTF-8, like `write(_:)` for bytes.
    public nonisolated(nonsending) func write(_ text: String) async throws {
        try await exchange.write { output throws(StreamError) in
            try unsafe body.append(text.utf8.span.bytes, to: &output)
        }
    }

    /// Runs a closure that may block on a thread of the server's pool, and returns its result, as
    /// `Request.runBlocking(_:)` does.
    ///
    /// ```swift
    /// router.get("/reports") { _ in
    ///     .stream { writer in
    ///         for id in 1...3 { try await writer.write(try await writer.runBlocking { try loadReport(id) }) }
    ///     }
    /// }
    /// ```
    ///
    /// The closure is called also if the task is cancelled, as long as the connection is there: a server that closes
    /// cancels the tasks of its streams, and lets those go on that only read and write.
    ///
    /// - Throws: what the closure throws; `CancellationError` if the connection is gone; `BlockingError` if the closure
    ///   was not called; `ServerError.noThread` if the pool can't be started.
    public nonisolated(nonsending) func runBlocking<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        if exchange.isOver { throw CancellationError() }
        return try await blockingPool.run(isCancellable: false, body)
    }

    /// Appends the end of the body. Throws if bytes are missing or the trailers are invalid.
    func end(into output: inout ByteBuffer) throws(StreamError) {
        try body.appendEnd(trailers, to: &output)
    }
}
