public import Reactor

/// The body of a request as it arrives, in arrays of as many bytes as are available, never empty. It can be read once,
/// by one reader at a time. It may be kept, and passed to the closure that writes a streamed response.
///
/// A loop continues where an earlier one was left; after the end of the body it throws `StreamError.alreadyRead`. Only
/// a body that was collected can be read as often as you like.
///
/// Reading waits for the client, and the client waits for the reader: bytes that are not read stay in TCP. Reading
/// throws a `StreamError` when the client disconnects, when another reader is waiting, and after the handler's response
/// has ended (`.ended`); `CancellationError` when the waiting task is cancelled. The first read sends `100 Continue` to
/// a client that expects it.
public struct BodyChunks: AsyncSequence, Sendable {
    /// The bytes of a chunk, never empty.
    public typealias Element = [UInt8]

    enum Source {
        case stream(Exchange, Exchange.BodyUse)
        /// Collected before the handler was called.
        case bytes([UInt8])
    }

    let source: Source

    /// Reads the chunks one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var source: Source
        private var isAtEnd = false

        fileprivate init(source: Source) { self.source = source }

        /// The next chunk, or nil at the body's end.
        public mutating func next() async throws -> [UInt8]? { try await nextChunk() }

        /// The next chunk, or nil at the body's end; for a loop that stays with its actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await nextChunk()
        }

        private mutating func nextChunk() async throws -> [UInt8]? {
            guard !isAtEnd else { return nil }
            guard case .stream(let exchange, let use) = source else { return takeBytes() }
            let chunk = try await exchange.nextChunk(for: use)
            isAtEnd = chunk == nil
            return chunk
        }

        /// Returns the next chunk like `next()`, for threads that may block and for collected bodies.
        mutating func waitForNext() throws(StreamError) -> [UInt8]? {
            guard !isAtEnd else { return nil }
            guard case .stream(let exchange, let use) = source else { return takeBytes() }
            let chunk = try exchange.waitForChunk(for: use)
            isAtEnd = chunk == nil
            return chunk
        }

        /// Returns a collected body, the first time.
        private mutating func takeBytes() -> [UInt8]? {
            guard case .bytes(let bytes) = source, !bytes.isEmpty else { return nil }
            source = .bytes([])
            return bytes
        }
    }

    /// Creates an iterator that starts where the last read ended.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    /// The trailer fields of a chunked body (RFC 9110 section 6.5), once a read has reached its end; none before.
    /// Those of a collected body are in `Request.trailers` only.
    public var trailers: HeaderFields {
        guard case .stream(let exchange, _) = source else { return HeaderFields() }
        return exchange.withTrailers(HeaderFields.init(trailerSection:))
    }

    /// Returns the next chunk, or nil at the body's end. Blocks the thread: only for `.blocking` routes with
    /// `body: .stream`.
    ///
    /// - Throws: `StreamError` when the rest does not arrive; `.wouldBlock` if the route is not `.blocking`,
    ///   `.bodyCollected` if it has no `body: .stream`, and `.alreadyRead` after the end. These three become a 500 and
    ///   a line in the log.
    @available(*, noasync, message: "in async code, write: for try await chunk in chunks")
    public func nextChunk() throws(StreamError) -> [UInt8]? {
        guard case .stream(let exchange, let use) = source else { throw .bodyCollected }
        return try exchange.waitForChunk(for: use)
    }
}

extension HeaderFields {
    /// Reads the field lines of a trailer section, which have been checked: each is a name, a colon, a value with
    /// optional white space around it, and CR LF. Bytes that are not UTF-8 become U+FFFD.
    init(trailerSection: RawSpan) {
        self.init()
        guard trailerSection.byteCount > 0 else { return }
        let text = unsafe trailerSection.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let isBlank = { (byte: UInt8) in " \t\r".utf8.contains(byte) }
            var value = line[colon...].dropFirst().drop(while: isBlank)
            while let last = value.last, isBlank(last) { value.removeLast() }
            append(name: String(Substring(line[..<colon])), value: String(Substring(value)))
        }
    }
}
