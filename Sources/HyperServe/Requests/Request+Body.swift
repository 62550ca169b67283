public import Reactor

extension Request {
    /// The body of a request. It is complete, except on routes with `body: .stream`, where only `chunks` and
    /// `nextChunk()` provide its bytes.
    @safe
    public struct Body: ~Copyable, @unchecked Sendable {
        // Valid as long as the request, from which this view is borrowed, so that it can't be kept.
        private let storage: UnsafeRawBufferPointer
        // Not retained: the request, from which this view is borrowed, retains it. (With a reference here the optimizer
        // of Swift 6.3.1 crashes.)
        private let exchange: Unmanaged<Exchange>?

        @unsafe
        init(storage: UnsafeRawBufferPointer, exchange: Exchange?) {
            unsafe self.storage = unsafe storage
            unsafe self.exchange = exchange.map { unsafe .passUnretained($0) }
        }

        /// The body as it arrives, for async handlers. On routes without `body: .stream` it is one chunk.
        public var chunks: BodyChunks { chunks(for: .chunks) }

        /// Reserves the body for the reader of a form, and returns its chunks.
        ///
        /// - Throws: `StreamError.alreadyRead` if the body is streamed, and was read or reserved before.
        func reserveForForm() throws(StreamError) -> BodyChunks {
            if let exchange = unsafe exchange { try unsafe exchange.takeUnretainedValue().reserveForForm() }
            return chunks(for: .form)
        }

        private func chunks(for use: Exchange.BodyUse) -> BodyChunks {
            if let exchange = unsafe exchange {
                return BodyChunks(source: .stream(unsafe exchange.takeUnretainedValue(), use))
            }
            return BodyChunks(source: .bytes(bytes))
        }

        /// Returns the next bytes of the body, as many as have arrived, or nil at its end. Blocks the thread until
        /// there are some: only for `.blocking` routes with `body: .stream`.
        ///
        /// - Throws: `StreamError` when the rest does not arrive; `.wouldBlock` if the route is not `.blocking`,
        ///   `.bodyCollected` if it has no `body: .stream`, and `.alreadyRead` after the end. These three become a 500
        ///   and a line in the log.
        @available(*, noasync, message: "in async code, write: for try await chunk in request.body.chunks")
        public func nextChunk() throws(StreamError) -> [UInt8]? {
            try chunks.nextChunk()
        }

        /// Throws `StreamError.bodyStreamed` if the body is read as it arrives: then the view has no bytes.
        func checkCollected() throws(StreamError) {
            if unsafe exchange != nil { throw .bodyStreamed }
        }

        /// Number of bytes; 0 on routes with `body: .stream`.
        public var count: Int { unsafe storage.count }

        /// Whether the request has no body, or an empty one; always true on routes with `body: .stream`.
        public var isEmpty: Bool { unsafe storage.isEmpty }

        /// A copy of the bytes; none on routes with `body: .stream`.
        public var bytes: [UInt8] { unsafe [UInt8](storage) }

        /// A copy as text; empty on routes with `body: .stream`. Bytes that are not UTF-8 become U+FFFD.
        public var text: String { unsafe String(decoding: storage, as: UTF8.self) }

        /// Calls `body` with the bytes, without copying them; with none on routes with `body: .stream`.
        public func withBytes<Result>(_ body: (RawSpan) throws -> Result) rethrows -> Result {
            // The bytes stay in place while the request lives, and the span can't leave the call.
            try unsafe body(RawSpan(_unsafeBytes: storage))
        }
    }
}
