import HyperServe

/// A connection to the server under test, for bytes of any kind: complete requests or parts of them.
///
/// One task at a time may send, and one may read.
public final class TestConnection: Sendable {
    let socket: MemorySocket
    private let reader: ResponseReader
    /// Retained, so that the server lives at least as long as its connections.
    private let client: TestClient

    init(client: TestClient, socket: MemorySocket) {
        self.client = client
        self.socket = socket
        reader = ResponseReader(socket)
    }

    deinit { socket.end(.reset) }

    /// Sends bytes, of which the server receives up to 16 KiB at once. Waits while it has 64 KiB to receive.
    ///
    /// - Throws: `TestError.connectionClosed` if the server has closed the connection, `CancellationError` if the task
    ///   is cancelled.
    public func send(_ bytes: [UInt8]) async throws { try await socket.send(bytes) }

    /// Sends text in UTF-8, like `send(_:)` for bytes.
    public func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Ends the client's direction, like FIN. The connection can still be read.
    public func finish() { socket.end(.end) }

    /// Disconnects, like a reset: the server's handlers for this connection are cancelled.
    public func disconnect() { socket.end(.reset) }

    /// Reads one response. Interim responses before it, such as `100 Continue`, are skipped.
    ///
    /// - Parameter isHead: whether the request was HEAD, whose response has no body, whatever its fields say.
    /// - Throws: `TestError` if the response is incomplete or malformed.
    public func readResponse(toHead isHead: Bool = false) async throws -> TestResponse {
        try await reader.readResponse(toHead: isHead)
    }

    /// Reads the bytes that have arrived, or waits for the next ones. Empty if the server has closed the connection.
    public func receive() async throws -> [UInt8] { try await reader.readSome() }

    /// Waits for a byte or for the end of the connection, and returns whether it was the end.
    public func isAtEnd() async throws -> Bool { try await reader.isAtEnd() }

    /// Whether the server has closed the connection. Bytes that it sent before can still be read.
    public var isClosed: Bool { socket.isServerFinished }

    func readHead(toHead isHead: Bool) async throws -> ResponseReader.Head {
        try await reader.readHead(toHead: isHead)
    }

    func nextChunk() async throws -> [UInt8]? { try await reader.nextChunk() }

    func trailers() async -> HeaderFields { await reader.trailers }
}
