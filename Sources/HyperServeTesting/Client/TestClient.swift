public import HyperServe
import Platform

/// A client for tests, without a network: requests pass through the server's parser, router, handlers and encoder in
/// memory, and time passes only when the test advances the clock.
///
/// ```swift
/// let client = try TestClient(router: router)
/// let response = try await client.get("/hello/Ada")
/// #expect(response.text == "Hello, Ada!")
/// ```
///
/// Inline and async handlers run on a thread of the client, blocking ones in a pool, as in a server with one reactor.
/// Each request has its own connection, unless it is sent through a connection of `connect()`. Several tasks may use a
/// client at once. When the client is released, its connections close and its thread ends.
///
/// If there is no response, the client waits until the waiting task is cancelled: give tests a time limit.
public final class TestClient: Sendable {
    private let server: MemoryServer

    /// Creates a client for routes, with the limits of `configuration`. Its addresses, `threads` and `driver` are
    /// ignored.
    ///
    /// - Throws: `RouteError` when a route is malformed or two match the same paths.
    public convenience init(router: Router, configuration: ServerConfiguration = .init()) throws {
        try self.init(server: Server(router: router, configuration: configuration))
    }

    /// Creates a client for the routes of a server, which is not started.
    public init(server: Server) throws {
        self.server = try MemoryServer(server)
    }

    deinit { server.stop() }

    /// Opens a connection, for bytes of any kind.
    ///
    /// - Parameter host: the numeric address that the server gets as the client's.
    public func connect(from host: String = "127.0.0.1") throws -> TestConnection {
        TestConnection(client: self, socket: try server.connect(from: host))
    }

    /// Advances the server's clock. Every timeout within `duration` takes effect, in order, before this returns. The
    /// clock stands still otherwise. The server's deadlines follow this clock, and so do the middlewares (`RateLimit`,
    /// `Timeout`, `AccessLog`, `RequestMetrics`), the Date field, and `RequestContext.unixSeconds`. A handler that
    /// sleeps does so in real time.
    ///
    /// This does not wait for blocking handlers, which run on threads of their own. The timeout of a body that such a
    /// handler reads begins with the read: let the handler signal the test that it has started, and advance the clock
    /// until there is a response.
    ///
    /// A negative duration counts as zero. The clock ends 140 years after the start.
    public func advance(by duration: Duration) async {
        let nanoseconds = max(0, duration.nanoseconds)
        await withCheckedContinuation { server.events.post(.timePasses(nanoseconds, $0)) }
    }

    /// Sends a request and returns its response.
    ///
    /// `Host` and, if there is a body, `Content-Length` are added unless `headers` has them.
    ///
    /// - Parameter target: the path, with the query if there is one, as in the request line.
    /// - Throws: `TestError` if there is no response, or if it is malformed; `CancellationError` if the task is
    ///   cancelled.
    public func send(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), body: [UInt8] = []
    ) async throws -> TestResponse {
        try await begin(method, target, headers: headers, body: body).response()
    }

    /// Sends text through a new connection, such as several pipelined requests, and returns the responses, at most
    /// `count` of them or until the server closes the connection.
    ///
    /// None of the requests may be HEAD, since the end of its response can't be determined from the response; see
    /// `TestConnection.readResponse(toHead:)`.
    public func send(raw text: String, count: Int = 1) async throws -> [TestResponse] {
        let connection = try connect()
        try await connection.send(text)
        var responses: [TestResponse] = []
        while responses.count < count, try await !connection.isAtEnd() {
            responses.append(try await connection.readResponse())
        }
        return responses
    }

    /// Sends a request without waiting for its response, for tests that do something in between.
    ///
    /// - Parameter body: sent as fast as the server receives it.
    public func begin(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), body: [UInt8] = []
    ) async throws -> TestExchange {
        let headers = body.isEmpty ? headers : headers.adding("Content-Length", "\(body.count)")
        let exchange = try await beginUpload(method, target, headers: headers, framing: .whole)
        exchange.sendWhole(body)
        return exchange
    }

    /// Sends the head of a request whose body the test writes piece by piece: in chunked coding, or with the
    /// `Content-Length` of `headers`.
    public func beginUpload(
        _ method: Method, _ target: String, headers: HeaderFields = .init()
    ) async throws -> TestExchange {
        guard headers["Content-Length"] == nil else {
            return try await beginUpload(method, target, headers: headers, framing: .plain)
        }
        let headers = headers.adding("Transfer-Encoding", "chunked")
        return try await beginUpload(method, target, headers: headers, framing: .chunked)
    }

    private func beginUpload(
        _ method: Method, _ target: String, headers: HeaderFields, framing: TestExchange.Framing
    ) async throws -> TestExchange {
        var lines = ["\(method) \(target) HTTP/1.1"]
        for field in headers.adding("Host", "localhost") { lines.append("\(field.name): \(field.value)") }
        for line in lines where line.utf8.contains(where: { $0 == 10 || $0 == 13 }) {
            throw TestError.malformedRequest("a line break in \"\(line)\"")
        }
        let connection = try connect()
        try await connection.send(lines.joined(separator: "\r\n") + "\r\n\r\n")
        return TestExchange(connection, isHead: method == .head, framing: framing)
    }
}

extension HeaderFields {
    /// Returns the fields with this one added, unless there is one with this name.
    fileprivate func adding(_ name: String, _ value: String) -> HeaderFields {
        guard self[name] == nil else { return self }
        var fields = self
        fields.append(name: name, value: value)
        return fields
    }
}

/// The reason why a test client has no response.
public enum TestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The server closed the connection before the response was complete, or before everything was sent.
    case connectionClosed
    /// The server sent a response that is not valid HTTP/1.1. The text is the malformed part.
    case malformedResponse(String)
    /// The test tries to send a request that is not valid.
    case malformedRequest(String)

    /// A description for the output of the test.
    public var description: String {
        switch self {
        case .connectionClosed: "the server closed the connection"
        case .malformedResponse(let text): "the response is malformed: \(text)"
        case .malformedRequest(let text): "the request is malformed: \(text)"
        }
    }
}
