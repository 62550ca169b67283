public import Reactor

/// The body of a request as it comes: arrays of as many bytes as were there, never empty. To be read once, by one
/// reader at a time. It may be kept, and given to the closure that writes a streamed answer.
///
/// Reading waits for the client, and the client waits for the reader: what is not read stays in TCP. It throws a
/// `StreamError` when the client leaves or the request is over, or when a second reader comes while the first one
/// waits, and `CancellationError` when the waiting task is cancelled. The first read tells a client that asked for it
/// to go on: `100 Continue`.
public struct BodyChunks: AsyncSequence, Sendable {
    /// The bytes of a chunk, never empty.
    public typealias Element = [UInt8]

    enum Source {
        case stream(Exchange)
        /// Collected before the handler was called.
        case bytes([UInt8])
    }

    let source: Source

    /// Reads the chunks one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: Source

        /// The next chunk, or nil at the body's end.
        public nonisolated(nonsending) mutating func next() async throws -> [UInt8]? {
            switch source {
            case .stream(let exchange):
                return try await exchange.nextChunk()
            case .bytes(let bytes):
                source = .bytes([])
                return bytes.isEmpty ? nil : bytes
            }
        }

        /// As `next()`, for threads that may block, and for bodies that are there.
        mutating func waitForNext() throws(StreamError) -> [UInt8]? {
            switch source {
            case .stream(let exchange):
                return try exchange.waitForChunk()
            case .bytes(let bytes):
                source = .bytes([])
                return bytes.isEmpty ? nil : bytes
            }
        }
    }

    /// Begins, or goes on, reading where the last read ended.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    /// The fields behind a chunked body (RFC 9110 section 6.5), once a read has come to its end; none before. For the
    /// reader of the chunks, where it reads. Of a body that was collected they are in `Request.trailers` alone.
    public var trailers: HeaderFields {
        guard case .stream(let exchange) = source else { return HeaderFields() }
        return exchange.withTrailers(HeaderFields.init(lines:))
    }

    /// The next chunk, or nil at the body's end. Blocks its thread: only for `.blocking` routes with `body: .stream`.
    ///
    /// - Throws: `StreamError` when the rest won't come; `.wouldBlock` if the route is not `.blocking`, and
    ///   `.bodyCollected` if it has no `body: .stream`. Both become a 500, and a line in the log.
    @available(*, noasync, message: "in async code, write: for try await chunk in chunks")
    public func nextChunk() throws(StreamError) -> [UInt8]? {
        guard case .stream(let exchange) = source else { throw .bodyCollected }
        return try exchange.waitForChunk()
    }
}
