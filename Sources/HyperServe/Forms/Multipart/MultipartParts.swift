/// The parts of a form as they arrive, to be read once and by one reader.
///
/// ```swift
/// router.post("/upload", body: .stream(upTo: 1 << 30)) { request in
///     for try await part in try request.multipart() {
///         for try await chunk in part.chunks { count += chunk.count }
///     }
/// }
/// ```
///
/// Reading throws `HTTPError` with 400 if the form is malformed or incomplete, and with 413 beyond a limit; if the body
/// is streamed, `StreamError` when the rest does not arrive. Reading a part after the next one was requested throws
/// `StreamError.partPassed`, reading while another task reads throws `usedConcurrently`, and reading after the end
/// `alreadyRead`.
public struct MultipartParts: AsyncSequence, Sendable {
    /// A part, whose content must be read before the next part is requested.
    public typealias Element = MultipartPart

    let reader: MultipartReader

    /// Reads the parts one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let reader: MultipartReader
        private var isAtEnd = false

        fileprivate init(reader: MultipartReader) { self.reader = reader }

        /// The next part, or nil after the last one.
        public mutating func next() async throws -> MultipartPart? { try await nextPart() }

        /// The next part, or nil after the last one; for a loop that stays with its actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws -> MultipartPart? {
            try await nextPart()
        }

        private mutating func nextPart() async throws -> MultipartPart? {
            guard !isAtEnd else { return nil }
            let part = try await reader.nextPart()
            isAtEnd = part == nil
            return part
        }
    }

    /// Creates an iterator that starts where the last read ended.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }

    /// Returns the next part, or nil after the last one. Blocks the thread until it arrives: for `.blocking` handlers,
    /// and for inline ones whose body was collected. With `body: .stream` in an inline handler it throws
    /// `StreamError.wouldBlock`, which becomes a 500 and a line in the log.
    ///
    /// Mutating, so that the parts have to be in a variable: `while let part = try request.multipart().nextPart()`,
    /// which would begin with the first part again and again, does not compile.
    @available(*, noasync, message: "in async code, write: for try await part in parts")
    public mutating func nextPart() throws -> MultipartPart? { try reader.waitForPart() }
}

/// A handler set a limit that is out of range: a mistake of the application.
public struct InvalidLimitError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The limit, its value and its range, for the log.
    public let description: String
}

extension Request {
    /// Returns the parts of a `multipart/form-data` body (RFC 7578), in which browsers send files.
    ///
    /// On routes with `body: .stream` they are read as they arrive, in little memory, within `limits` and the route's
    /// own limit, and this can be called once. Of a body that was collected, each call returns all parts.
    ///
    /// - Throws: `StreamError.alreadyRead`, which becomes a 500 and is logged, if the body is streamed and was read, or
    ///   if this was called before; `HTTPError` with 415 if Content-Type is another, 400 if its parameters are
    ///   malformed, such as a boundary with a slash that is not in quotation marks, or if it has no valid boundary;
    ///   `InvalidLimitError`, which becomes a 500 and is logged, if a limit is negative.
    public func multipart(limits: MultipartLimits = .init()) throws -> MultipartParts {
        if let problem = limits.problem { throw InvalidLimitError(description: problem) }
        let contentType = try contentType("multipart/form-data") { $0 == "multipart/form-data" }
        guard let boundary = contentType["boundary"] else {
            throw HTTPError(.badRequest, "The Content-Type names no boundary.")
        }
        guard Request.isBoundary(boundary) else {
            throw HTTPError(
                .badRequest, "The boundary in the Content-Type is not 1 to 70 characters of those that it may have.")
        }
        return MultipartParts(
            reader: MultipartReader(
                try body.reserveForForm(), boundary: boundary, limits: limits, collectingLimit: collectingLimit))
    }

    /// RFC 2046 section 5.1.1: 1 to 70 letters, digits, some marks and spaces, but no space at the end.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && !text.hasSuffix(" ")
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: "'()+_,-./:=? ".utf8.contains(byte)
                }
            }
    }
}
