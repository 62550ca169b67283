import Reactor
import Synchronization

/// Reads the parts of a body in order, for a task or for a thread that may block.
final class MultipartReader: @unchecked Sendable {
    // `@unchecked Sendable`: `isBeingRead` keeps out a second reader while there is one.
    private let isBeingRead = Atomic<Bool>(false)
    private var parser: MultipartParser
    private var chunks: BodyChunks.AsyncIterator
    /// The number of the current part, from 1. The content of earlier parts can't be read any more.
    private var partNumber = 0
    private var isInPart = false
    /// Whether the content of the current part, and the form, was read to its end.
    private var isPartRead = false
    private var isFormRead = false
    /// The limit of a part's content that is collected in memory.
    let collectingLimit: BodyByteLimit

    init(_ chunks: BodyChunks, boundary: String, limits: MultipartLimits, collectingLimit: BodyByteLimit) {
        self.collectingLimit = collectingLimit
        self.chunks = chunks.makeAsyncIterator()
        parser = MultipartParser(boundary: boundary, limits: limits)
    }

    func nextPart() async throws -> MultipartPart? {
        try beginReading()
        defer { endReading() }
        guard !isFormRead else { throw StreamError.alreadyRead }
        while true {
            switch try step() {
            case .part(let head): return MultipartPart(head, self, number: partNumber)
            case .needsMore: try append(try await chunks.next())
            case .bytes, .partEnd: continue
            case .end:
                // Anything may follow the last part, within the limit.
                while let chunk = try await chunks.next() { try append(chunk) }
                isFormRead = true
                return nil
            }
        }
    }

    func waitForPart() throws -> MultipartPart? {
        try beginReading()
        defer { endReading() }
        guard !isFormRead else { throw StreamError.alreadyRead }
        while true {
            switch try step() {
            case .part(let head): return MultipartPart(head, self, number: partNumber)
            case .needsMore: try append(try chunks.waitForNext())
            case .bytes, .partEnd: continue
            case .end:
                while let chunk = try chunks.waitForNext() { try append(chunk) }
                isFormRead = true
                return nil
            }
        }
    }

    func nextBytes(of part: Int) async throws -> [UInt8]? {
        try beginReading()
        defer { endReading() }
        try check(part)
        while isInPart {
            switch try step() {
            case .bytes(let bytes): return bytes
            case .needsMore: try append(try await chunks.next())
            case .part, .partEnd, .end: break
            }
        }
        isPartRead = true
        return nil
    }

    func waitForBytes(of part: Int) throws -> [UInt8]? {
        try beginReading()
        defer { endReading() }
        try check(part)
        while isInPart {
            switch try step() {
            case .bytes(let bytes): return bytes
            case .needsMore: try append(try chunks.waitForNext())
            case .part, .partEnd, .end: break
            }
        }
        isPartRead = true
        return nil
    }

    // Acquiring and releasing: one reader's last use of the state comes before the next one's first.
    private func beginReading() throws(StreamError) {
        if isBeingRead.exchange(true, ordering: .acquiring) { throw .usedConcurrently }
    }

    private func endReading() { isBeingRead.store(false, ordering: .releasing) }

    /// Throws if `part` is not the current part, or was read to its end.
    private func check(_ part: Int) throws(StreamError) {
        guard part == partNumber else { throw .partPassed }
        guard !isPartRead else { throw .alreadyRead }
    }

    private func step() throws(HTTPError) -> MultipartParser.Event {
        let event = try parser.next()
        switch event {
        case .part:
            partNumber += 1
            isInPart = true
            isPartRead = false
        case .partEnd: isInPart = false
        case .end: partNumber += 1
        case .needsMore, .bytes: break
        }
        return event
    }

    private func append(_ chunk: [UInt8]?) throws(HTTPError) {
        guard let chunk else { return parser.finish() }
        try parser.append(chunk)
    }
}
