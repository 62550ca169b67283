public import HyperServe
import Platform
import Reactor

/// A request under way: its body is written and its answer read as the test wants it, a piece at a time or at once.
///
/// When it goes before its answer was read, the client leaves: the handler is cancelled.
public final class TestExchange: Sendable {
    /// How the body is written.
    enum Framing {
        /// All at once, or there is none.
        case whole
        /// As it is: the head says how long it is.
        case plain
        case chunked
    }

    private let connection: TestConnection
    private let isHead: Bool
    private let framing: Framing
    private let state = Locked(State())

    private struct State {
        var head: ResponseReader.Head?
        var isFinished = false
        /// Writes the body while the answer may be read already.
        var sender: Task<Void, any Error>?
    }

    init(_ connection: TestConnection, isHead: Bool, framing: Framing) {
        self.connection = connection
        self.isHead = isHead
        self.framing = framing
    }

    deinit { state.withLock { $0.sender }?.cancel() }

    /// Writes bytes of the body; waits while the server has 64 KiB that its handler has not read.
    ///
    /// - Throws: `TestError.connectionClosed` when the server has closed the connection.
    public func write(_ bytes: [UInt8]) async throws {
        precondition(framing != .whole, "only the body of an upload is written in pieces")
        guard !bytes.isEmpty else { return }
        guard framing == .chunked else { return try await connection.send(bytes) }
        try await connection.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
    }

    /// Writes text in UTF-8; as `write(_:)` for bytes.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Ends the body of an upload; again is harmless. Reading the whole answer does it too.
    public func finish() async throws {
        let isFirst = state.withLock { state in
            defer { state.isFinished = true }
            return !state.isFinished
        }
        if isFirst, framing == .chunked { try await connection.send("0\r\n\r\n") }
    }

    /// The status of the answer, as soon as its head is there.
    public func status() async throws -> Status { try await head().status }

    /// The field lines of the answer, as soon as its head is there.
    public func headers() async throws -> HeaderFields { try await head().headers }

    /// The next bytes of the answer's body as they come, never empty, or nil at its end.
    ///
    /// - Throws: `TestError.connectionClosed` when the server breaks the answer off.
    public func nextChunk() async throws -> [UInt8]? {
        _ = try await head()
        return try await connection.nextChunk()
    }

    /// Ends the request, and returns the answer with all of its body that was not read yet.
    ///
    /// - Throws: `TestError` when there is no answer, or none that is HTTP.
    public func response() async throws -> TestResponse {
        do {
            try await finish()
        } catch TestError.connectionClosed {
            // It may have answered before it had everything.
        }
        let head = try await head()
        var body: [UInt8] = []
        while let chunk = try await connection.nextChunk() { body += chunk }
        return TestResponse(
            status: head.status, headers: head.headers, body: body, trailers: await connection.trailers())
    }

    /// The client leaves without another word: the handler is cancelled.
    public func leave() { connection.leave() }

    /// Sends a body while this exchange is already being used.
    func sendWhole(_ body: [UInt8]) {
        guard !body.isEmpty else { return }
        let connection = connection
        // A server that closes before it has all has its reasons, and says them in its answer.
        state.withLock { $0.sender = Task { try await connection.send(inPieces: body) } }
    }

    private func head() async throws -> ResponseReader.Head {
        if let head = state.withLock({ $0.head }) { return head }
        let head = try await connection.readHead(toHead: isHead)
        state.withLock { $0.head = head }
        return head
    }
}

extension TestConnection {
    /// Sends many bytes as the server receives them.
    fileprivate func send(inPieces bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await send(Array(rest.prefix(16 * 1024)))
            rest = rest.dropFirst(16 * 1024)
        }
    }
}
