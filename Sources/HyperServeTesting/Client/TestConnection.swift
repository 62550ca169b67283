import HyperServe

/// A connection to the server under test. Bytes of any kind go through it, whole requests or parts of them.
///
/// One task at a time sends, and one reads.
public final class TestConnection: Sendable {
    let socket: MemorySocket
    private let reader: ResponseReader
    /// The server lives at least as long as its connections.
    private let client: TestClient

    init(client: TestClient, socket: MemorySocket) {
        self.client = client
        self.socket = socket
        reader = ResponseReader(socket)
    }

    deinit { socket.end(.reset) }

    /// Sends bytes, which the server receives in one piece up to 16 KiB. Waits while it has 64 KiB to receive.
    ///
    /// - Throws: `TestError.connectionClosed` when the server has closed the connection, `CancellationError` when the
    ///   task is cancelled.
    public func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes) }

    /// Sends text in UTF-8; as `send(_:)` for bytes.
    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Says that the client sends no more, and goes on reading.
    public func finish() { socket.end(.end) }

    /// Leaves without another word: the server's handlers for this client are cancelled.
    public func leave() { socket.end(.reset) }

    /// Reads one answer. Interim answers before it, such as `100 Continue`, are passed over.
    ///
    /// - Parameter isHead: whether the request was HEAD, whose answer has no body whatever it says.
    /// - Throws: `TestError` when the answer ends too early or is not HTTP.
    public func readResponse(toHead isHead: Bool = false) async throws -> TestResponse {
        try await reader.readResponse(toHead: isHead)
    }

    /// Reads the bytes that are there, or those that come next. Empty when the server has closed the connection.
    public func receive() async throws -> [UInt8] { try await reader.readSome() }

    /// Waits for a byte or for the end of the connection, and says whether it was the end.
    public func isAtEnd() async throws -> Bool { try await reader.isAtEnd() }

    /// Whether the server has closed the connection. What it sent before may still be read.
    public var isClosed: Bool { socket.isServerFinished }

    func readHead(toHead isHead: Bool) async throws -> ResponseReader.Head {
        try await reader.readHead(toHead: isHead)
    }

    func nextChunk() async throws -> [UInt8]? { try await reader.nextChunk() }

    func trailers() async -> HeaderFields { await reader.trailers }
}
