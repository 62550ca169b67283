import HyperServe
import HyperServeTesting
import Testing

@Suite("Bytes of any kind go through a connection", .timeLimit(.minutes(20)))
struct RawTests {
    @Test("pipelined requests get their responses in order")
    func pipelined() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let requests = ["/blocking", "/async", "/inline"].map { path in
            "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx"
        }
        let responses = try await client.send(raw: requests.joined(), count: 3)
        #expect(responses.map(\.text) == ["/blocking x", "/async x", "/inline x"])
    }

    @Test("there are fewer responses than requested if the server closes the connection")
    func closing() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let bad = "POST /inline HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"
        let responses = try await client.send(raw: bad, count: 3)
        #expect(responses.map(\.status) == [.ok, .badRequest])
        #expect(responses.last?.headers["Connection"] == "close")
    }

    @Test("a request may arrive byte by byte, and one connection serves many")
    func byteByByte() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        for _ in 0..<2 {
            for byte in "POST /async HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi".utf8 {
                try await connection.send([byte])
            }
            #expect(try await connection.readResponse().text == "/async hi")
        }
        #expect(!connection.isClosed)
    }

    @Test("responses to HEAD are read as such")
    func head() async throws {
        var router = Router()
        router.get("/") { _ in .text("text") }
        let connection = try TestClient(router: router).connect()
        try await connection.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(try await connection.readResponse(toHead: true).body == [])
        #expect(try await connection.readResponse().text == "text")
    }

    @Test("a client that expects it gets 100 Continue")
    func expectation() async throws {
        let connection = try TestClient(router: .ofEveryMode).connect()
        try await connection.send(
            "POST /inline HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try await connection.receive() == Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
        try await connection.send("ok")
        #expect(try await connection.readResponse().text == "/inline ok")
    }

    @Test("HTTP/1.0 ends with the connection")
    func oldVersion() async throws {
        let connection = try TestClient(router: .ofEveryMode).connect()
        try await connection.send("POST /inline HTTP/1.0\r\nContent-Length: 1\r\n\r\nx")
        #expect(try await connection.readResponse().text == "/inline x")
        #expect(try await connection.isAtEnd())
        #expect(connection.isClosed)
        await #expect(throws: TestError.connectionClosed) { try await connection.readResponse() }
    }

    @Test("a client that has finished sending still gets its response")
    func finished() async throws {
        let connection = try TestClient(router: .ofEveryMode).connect()
        try await connection.send("POST /blocking HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
        connection.finish()
        #expect(try await connection.readResponse().text == "/blocking x")
        #expect(try await connection.isAtEnd())
    }
}
