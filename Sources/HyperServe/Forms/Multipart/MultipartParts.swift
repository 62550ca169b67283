/// The parts of a form as they come, to be read once and by one reader.
///
/// ```swift
/// router.post("/upload", body: .stream(upTo: 1 << 30)) { request in
///     for try await part in try request.multipart() {
///         for try await chunk in part.chunks { count += chunk.count }
///     }
/// }
/// ```
///
/// Reading throws `HTTPError` with 400 if the form is malformed or breaks off, and with 413 beyond a limit; and, where
/// the body is streamed, `StreamError` when the rest won't come. Reading a part after the next one was asked for throws
/// `StreamError.partPassed`.
public struct MultipartParts: AsyncSequence {
    /// A part, whose content is read before the next one is asked for.
    public typealias Element = MultipartPart

    let reader: MultipartReader

    /// Reads the parts one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let reader: MultipartReader

        /// The next part, or nil behind the last one.
        public mutating func next() async throws -> MultipartPart? { try await reader.nextPart() }
    }

    /// Begins, or goes on, reading where the last read ended.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(reader: reader) }

    /// The next part, or nil after the last one. Blocks its thread until it comes: for `.blocking` handlers, and for
    /// inline ones whose body was collected. With `body: .stream` in an inline handler it throws
    /// `StreamError.wouldBlock`, which becomes a 500 and a line in the log.
    @available(*, noasync, message: "in async code, write: for try await part in parts")
    public func nextPart() throws -> MultipartPart? { try reader.waitForPart() }
}

/// A handler set a limit that is out of range: a mistake of the application.
public struct InvalidLimitError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names the limit, its value and its range, for the log.
    public let description: String
}

extension Request {
    /// The parts of a form that was sent as `multipart/form-data` (RFC 7578): the way that browsers send files.
    ///
    /// On routes with `body: .stream` they are read as they come, in little memory; `limits` are enforced meanwhile.
    ///
    /// - Throws: `HTTPError` with 415 if Content-Type is another, 400 if it names no valid boundary;
    ///   `InvalidLimitError`, which becomes a 500 and is logged, if a limit is negative.
    public func multipart(limits: MultipartLimits = .init()) throws -> MultipartParts {
        if let problem = limits.problem { throw InvalidLimitError(description: problem) }
        guard let contentType, contentType.value == "multipart/form-data" else {
            throw HTTPError(.unsupportedMediaType, "The Content-Type must be multipart/form-data.")
        }
        guard let boundary = contentType["boundary"], Request.isBoundary(boundary) else {
            throw HTTPError(.badRequest, "The Content-Type names no boundary.")
        }
        return MultipartParts(reader: MultipartReader(body.chunks, boundary: boundary, limits: limits))
    }

    /// RFC 2046 section 5.1.1: 1 to 70 letters, digits and some marks; a space not at the end.
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
