public import HyperServe
import Platform
import Reactor

/// A request in progress. The test writes its body and reads its response at once or piece by piece.
///
/// If it is released before its response was read, the client disconnects, and the handler is cancelled.
public final class TestExchange: Sendable {
    /// How the body is written.
    enum Framing {
        /// All at once, or there is none.
        case whole
        /// In pieces, with a Content-Length.
        case plain
        /// In pieces, in chunked coding.
        case chunked
    }

    private let connection: TestConnection
    private let isHead: Bool
    private let framing: Framing
    private let state = Locked(State())

    private struct State {
        var head: ResponseReader.Head?
        var isFinished = false
        /// Writes the body, also while the response is read.
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
    /// - Throws: `TestError.connectionClosed` if the server has closed the connection, `TestError.malformedRequest` for
    ///   a request of `TestClient.begin`, whose body is complete.
    public func write(_ bytes: [UInt8]) async throws {
        guard framing != .whole else {
            throw TestError.malformedRequest("only the body of an upload is written in pieces")
        }
        guard !bytes.isEmpty else { return }
        guard framing == .chunked else { return try await connection.send(bytes) }
        try await connection.send(Array("\(String(bytes.count, radix: 16))\r\n".utf8) + bytes + [13, 10])
    }

    /// Writes text in UTF-8, like `write(_:)` for bytes.
    public func write(_ text: String) async throws { try await write(Array(text.utf8)) }

    /// Ends the body of an upload. A second call has no effect. `response()` calls it.
    public func finish() async throws {
        let isFirst = state.withLock { state in
            defer { state.isFinished = true }
            return !state.isFinished
        }
        if isFirst, framing == .chunked { try await connection.send("0\r\n\r\n") }
    }

    /// Returns the status of the response as soon as its head has arrived.
    public func status() async throws -> Status { try await head().status }

    /// Returns the header fields of the response as soon as its head has arrived.
    public func headers() async throws -> HeaderFields { try await head().headers }

    /// Returns the next bytes of the response's body as they arrive, never empty, or nil at its end.
    ///
    /// - Throws: `TestError.connectionClosed` if the server aborts the response.
    public func nextChunk() async throws -> [UInt8]? {
        _ = try await head()
        return try await connection.nextChunk()
    }

    /// Ends the request, and returns the response with the part of its body that was not read yet.
    ///
    /// - Throws: `TestError` if there is no response, or if it is malformed.
    public func response() async throws -> TestResponse {
        do {
            try await finish()
        } catch TestError.connectionClosed {
            // The server may have responded before it had everything.
        }
        let head = try await head()
        var body: [UInt8] = []
        while let chunk = try await connection.nextChunk() { body += chunk }
        return TestResponse(
            status: head.status, headers: head.headers, body: body, trailers: await connection.trailers())
    }

    /// Disconnects, like a reset: the handler is cancelled.
    public func disconnect() { connection.disconnect() }

    /// Sends a complete body in a task.
    func sendWhole(_ body: [UInt8]) {
        guard !body.isEmpty else { return }
        let connection = connection
        // An error is ignored: a server that closes before it has everything says why in its response.
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
    /// Sends bytes in pieces that the server receives at once.
    fileprivate func send(inPieces bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            try await send(Array(rest.prefix(16 * 1024)))
            rest = rest.dropFirst(16 * 1024)
        }
    }
}
