/// A part of a form: a field or a file. Its content is read as it arrives, before the next part is requested; content
/// that is not read is skipped.
public struct MultipartPart: Sendable {
    /// The name of the form's field. Browsers write its quotation marks as `%22` and its line breaks as `%0D%0A`.
    public let name: String
    /// The name of the file on the client's machine. A client can send anything here: never use it in a path. Nil if
    /// the part is not a file.
    public let fileName: String?
    /// The header fields of the part.
    public let headers: HeaderFields

    private let reader: MultipartReader
    private let number: Int

    init(_ head: MultipartHead, _ reader: MultipartReader, number: Int) {
        name = head.name
        fileName = head.fileName
        headers = head.headers
        self.reader = reader
        self.number = number
    }

    /// The content's type as the client declares it, which need not be correct. Nil if there is none, which means plain
    /// text.
    public var contentType: String? { headers["Content-Type"] }

    /// The content as it arrives, to be read once.
    public var chunks: Chunks { Chunks(reader: reader, number: number) }

    /// Returns the content that was not read yet.
    ///
    /// - Parameter maximumByteCount: the limit in bytes. Nil, the default, for that of the route's bodies; if the route
    ///   has none, `ServerConfiguration.maximumBodyByteCount`.
    /// - Throws: `HTTPError` with 413 if there are more bytes, 400 if the form is malformed; `StreamError` when the
    ///   rest does not arrive, and if the content was read to its end before (`.alreadyRead`).
    public func collect(upTo maximumByteCount: Int? = nil) async throws -> [UInt8] {
        let limit = collectingLimit(maximumByteCount)
        var bytes: [UInt8] = []
        for try await chunk in chunks { try append(chunk, to: &bytes, limit) }
        return bytes
    }

    /// Returns the next bytes of the content, or nil at its end. Blocks the thread until there are some: for
    /// `.blocking` handlers, and for inline ones whose body was collected; see `MultipartParts.nextPart()`.
    ///
    /// - Throws: like `collect(upTo:)`, except for its limit.
    @available(*, noasync, message: "in async code, write: for try await chunk in part.chunks")
    public func nextChunk() throws -> [UInt8]? { try reader.waitForBytes(of: number) }

    /// Returns the content that was not read yet, for `.blocking` handlers and inline ones whose body was collected.
    @available(*, noasync, message: "in async code, write: try await part.collect()")
    public func collect(upTo maximumByteCount: Int? = nil) throws -> [UInt8] {
        let limit = collectingLimit(maximumByteCount)
        var bytes: [UInt8] = []
        while let chunk = try nextChunk() { try append(chunk, to: &bytes, limit) }
        return bytes
    }

    private func collectingLimit(_ own: Int?) -> BodyByteLimit {
        own.map { BodyByteLimit(byteCount: $0, setting: .part) } ?? reader.collectingLimit
    }

    private func append(_ chunk: [UInt8], to bytes: inout [UInt8], _ limit: BodyByteLimit) throws(HTTPError) {
        guard bytes.count + chunk.count <= limit.byteCount else {
            throw .tooLarge("A part of the form", limit: limit.byteCount, "bytes", setting: limit.setting.name)
        }
        bytes += chunk
    }

    /// The content of a part as it arrives, in arrays of as many bytes as are available, never empty.
    public struct Chunks: AsyncSequence, Sendable {
        /// The bytes of a chunk, never empty.
        public typealias Element = [UInt8]

        fileprivate let reader: MultipartReader
        fileprivate let number: Int

        /// Reads the chunks one by one.
        public struct AsyncIterator: AsyncIteratorProtocol {
            private let reader: MultipartReader
            private let number: Int
            private var isAtEnd = false

            fileprivate init(reader: MultipartReader, number: Int) {
                self.reader = reader
                self.number = number
            }

            /// The next chunk, or nil at the content's end.
            public mutating func next() async throws -> [UInt8]? { try await nextChunk() }

            /// The next chunk, or nil at the content's end; for a loop that stays with its actor.
            public mutating func next(isolation actor: isolated (any Actor)?) async throws -> [UInt8]? {
                try await nextChunk()
            }

            private mutating func nextChunk() async throws -> [UInt8]? {
                guard !isAtEnd else { return nil }
                let chunk = try await reader.nextBytes(of: number)
                isAtEnd = chunk == nil
                return chunk
            }
        }

        /// Creates an iterator that starts where the last read ended.
        public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader, number: number) }
    }
}
