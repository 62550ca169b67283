public import HyperServe
import Platform

/// A client of an application that is not on any network: requests go through the parser, the router, the handlers and
/// the encoder as they would in a server, but no socket is opened and no time passes unless the test says so.
///
/// ```swift
/// let client = try TestClient(router: router)
/// let response = try await client.get("/hello/Ada")
/// #expect(response.text == "Hello, Ada!")
/// ```
///
/// Inline and async handlers run on a thread that belongs to the client, blocking ones in a pool, as in a server with
/// one reactor. Each request has a connection of its own, unless it is sent through one of `connect()`. A client may be
/// used by several tasks at once. When it goes, its connections close and its thread ends.
///
/// An answer that never comes is waited for until the waiting task is cancelled: give tests a time limit.
public final class TestClient: Sendable {
    private let server: MemoryServer

    /// Serves the routes with the limits of `configuration`, of which the address, `threads` and `driver` are of no
    /// use here.
    ///
    /// - Throws: `RouteError` when a route is malformed or two match the same paths.
    public convenience init(router: Router, configuration: ServerConfiguration = .init()) throws {
        try self.init(server: Server(router: router, configuration: configuration))
    }

    /// Serves what `server` would serve, which is not started.
    public init(server: Server) throws {
        self.server = try MemoryServer(server)
    }

    deinit { server.stop() }

    /// Opens a connection, to send bytes of any kind through it.
    ///
    /// - Parameter host: the client's address, in numbers, as the server is to see it.
    public func connect(from host: String = "127.0.0.1") throws -> TestConnection {
        TestConnection(client: self, socket: try server.connect(from: host))
    }

    /// Lets time pass for the server: every limit that is reached within `duration` takes effect, one after the other,
    /// before this returns. In between time stands still. The server's deadlines follow this clock, and so do the
    /// middlewares (`RateLimit`, `Timeout`, `AccessLog`, `RequestMetrics`), the Date of answers, and
    /// `RequestContext.unixSeconds`. A handler that sleeps does so in real time.
    ///
    /// A blocking handler runs on a thread of its own, which this does not wait for. The limit of a body that it reads
    /// begins when it asks for one: have it tell the test that it has begun, and let time pass until it has a response.
    ///
    /// Time does not go back: a negative duration is none. It ends 140 years after the start.
    public func advance(by duration: Duration) async {
        let nanoseconds = max(0, duration.nanoseconds)
        await withCheckedContinuation { server.events.post(.timePasses(nanoseconds, $0)) }
    }

    /// Sends a request and returns its answer.
    ///
    /// `Host` and, where there is a body, `Content-Length` are added unless `headers` has them.
    ///
    /// - Parameter target: the path, with the query if there is one, as it stands in the request line.
    /// - Throws: `TestError` when there is no answer, or none that is HTTP; `CancellationError` when the task is
    ///   cancelled.
    public func send(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), body: [UInt8] = []
    ) async throws -> TestResponse {
        try await begin(method, target, headers: headers, body: body).response()
    }

    /// Sends bytes through a connection of their own, such as several requests in one piece, and returns the answers as
    /// they come, until there are `count` of them or the server closes the connection.
    ///
    /// None of the requests may be HEAD, whose answer says nothing about where it ends; see
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

    /// Sends a request and does not wait for its answer: for tests that do something meanwhile.
    ///
    /// - Parameter body: sent as the server takes it.
    public func begin(
        _ method: Method, _ target: String, headers: HeaderFields = .init(), body: [UInt8] = []
    ) async throws -> TestExchange {
        let headers = body.isEmpty ? headers : headers.adding("Content-Length", "\(body.count)")
        let exchange = try await beginUpload(method, target, headers: headers, framing: .whole)
        exchange.sendWhole(body)
        return exchange
    }

    /// Sends the head of a request whose body the test then writes piece by piece, in chunked coding, or as it is when
    /// `headers` has a `Content-Length`.
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
    /// The same, with this field if there is none of its name.
    fileprivate func adding(_ name: String, _ value: String) -> HeaderFields {
        guard self[name] == nil else { return self }
        var fields = self
        fields.append(name: name, value: value)
        return fields
    }
}
