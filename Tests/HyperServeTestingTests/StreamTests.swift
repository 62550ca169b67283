import HyperServe
import HyperServeTesting
import Synchronization
import Testing

@Suite("Bodies are streamed in both directions", .timeLimit(.minutes(20)))
struct StreamTests {
    @Test("an upload is read as it is written", arguments: ["/async", "/blocking"])
    func upload(path: String) async throws {
        let client = try TestClient(router: Self.router)
        let exchange = try await client.beginUpload(.post, "/echo\(path)")
        for text in ["one", "two", "three"] {
            try await exchange.write(text)
            #expect(try await exchange.nextChunk() == Array(text.utf8))
        }
        let response = try await exchange.response()
        #expect(response.body == [])
        #expect(response.status == .ok)
        #expect(response.headers["Transfer-Encoding"] == "chunked")
    }

    @Test("an upload may declare its length")
    func length() async throws {
        let client = try TestClient(router: Self.router)
        let exchange = try await client.beginUpload(.post, "/count", headers: ["Content-Length": "6"])
        try await exchange.write("abc")
        try await exchange.write("def")
        #expect(try await exchange.response().text == "6")
    }

    @Test("more than fits into any buffer goes through, both ways at once", arguments: ["/async", "/blocking"])
    func large(path: String) async throws {
        let client = try TestClient(router: Self.router)
        let body = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
        let response = try await client.send(.post, "/echo\(path)", body: body)
        #expect(response.body == body)
    }

    @Test("trailers are read")
    func trailers() async throws {
        let response = try await TestClient(router: Self.router).get("/trailers")
        #expect(response.text == "body")
        #expect(response.trailers["X-Sum"] == "4")
    }

    @Test("an aborted response is noticed")
    func brokenOff() async throws {
        let client = try TestClient(router: Self.router)
        let exchange = try await client.begin(.get, "/broken")
        #expect(try await exchange.status() == .ok)
        await #expect(throws: TestError.connectionClosed) { try await exchange.response() }
    }

    @Test("a handler is slowed down by a client that does not read")
    func backPressure() async throws {
        let written = Counter()
        var router = Router()
        router.get("/") { _ in
            .stream { writer in
                for _ in 0..<1000 {
                    try await writer.write([UInt8](repeating: 0, count: 10_000))
                    written.value.add(10_000, ordering: .relaxed)
                }
            }
        }
        let client = try TestClient(router: router)
        let exchange = try await client.begin(.get, "/")
        #expect(try await exchange.status() == .ok)
        // All that the server does by itself is done before the time has passed.
        await client.advance(by: .milliseconds(1))
        #expect(written.value.load(ordering: .relaxed) < 1_000_000)
        #expect(try await exchange.response().body.count == 10_000_000)
    }

    @Test("a client that disconnects cancels the handler")
    func leaving() async throws {
        let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
        var router = Router()
        router.get("/") { request async throws in
            defer { continuation.finish() }
            try await Task.sleep(for: .seconds(3600))
            return .text("never")
        }
        let client = try TestClient(router: router)
        let exchange = try await client.begin(.get, "/")
        exchange.disconnect()
        for await _ in cancelled {}
    }

    private final class Counter: Sendable {
        let value = Atomic<Int>(0)
    }

    private static var router: Router {
        var router = Router()
        router.post("/echo/async", body: .stream) { request async throws in
            let chunks = request.body.chunks
            return .stream { writer in for try await chunk in chunks { try await writer.write(chunk) } }
        }
        router.post("/echo/blocking", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            return .blockingStream { writer in
                while let chunk = try chunks.nextChunk() {
                    try writer.write(chunk)
                    try writer.flush()
                }
            }
        }
        router.post("/count", body: .stream) { request async throws in
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count)")
        }
        router.get("/trailers") { _ in
            .stream(trailers: ["X-Sum"]) { writer in
                try await writer.write("body")
                writer.trailers["X-Sum"] = "4"
            }
        }
        router.get("/broken") { _ in
            .stream { writer in
                try await writer.write("half")
                throw HTTPError(.internalServerError)
            }
        }
        return router
    }
}
