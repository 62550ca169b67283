public import Reactor

/// The body of a request as it arrives, in arrays of as many bytes as are available, never empty. It can be read once,
/// by one reader at a time. It may be kept, and passed to the closure that writes a streamed response.
///
/// Reading waits for the client, and the client waits for the reader: bytes that are not read stay in TCP. Reading
/// throws a `StreamError` when the client disconnects, when another reader is waiting, and after the handler's response
/// has ended (`.ended`); `CancellationError` when the waiting task is cancelled. The first read sends `100 Continue` to
/// a client that expects it.
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
        public mutating func next() async throws -> [UInt8]? { try await nextChunk() }

        /// The next chunk, or nil at the body's end; for a loop that stays with its actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
            try await nextChunk()
        }

        private mutating func nextChunk() async throws -> [UInt8]? {
            switch source {
            case .stream(let exchange):
                return try await exchange.nextChunk()
            case .bytes(let bytes):
                source = .bytes([])
                return bytes.isEmpty ? nil : bytes
            }
        }

        /// Returns the next chunk like `next()`, for threads that may block and for collected bodies.
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

    /// Creates an iterator that starts where the last read ended.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    /// The trailer fields of a chunked body (RFC 9110 section 6.5), once a read has reached its end; none before.
    /// Those of a collected body are in `Request.trailers` only.
    public var trailers: HeaderFields {
        guard case .stream(let exchange) = source else { return HeaderFields() }
        return exchange.withTrailers(HeaderFields.init(trailerSection:))
    }

    /// Returns the next chunk, or nil at the body's end. Blocks the thread: only for `.blocking` routes with
    /// `body: .stream`.
    ///
    /// - Throws: `StreamError` when the rest does not arrive; `.wouldBlock` if the route is not `.blocking`, and
    ///   `.bodyCollected` if it has no `body: .stream`. These two become a 500 and a line in the log.
    @available(*, noasync, message: "in async code, write: for try await chunk in chunks")
    public func nextChunk() throws(StreamError) -> [UInt8]? {
        guard case .stream(let exchange) = source else { throw .bodyCollected }
        return try exchange.waitForChunk()
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
