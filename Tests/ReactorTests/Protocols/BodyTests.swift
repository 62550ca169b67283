import Testing

@testable import Reactor

@Suite("Request bodies on a connection")
struct BodyTests {
    private static func head(_ path: String, _ fields: String...) -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n" + fields.map { $0 + "\r\n" }.joined() + "\r\n"
    }

    @Test("A client that expects 100 gets it once its head is complete", arguments: [true, false])
    func continueIsSent(isChunked: Bool) throws {
        let harness = try ConnectionHarness()
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 5"
        harness.receive(Self.head("/a", framing, "Expect: 100-continue"))
        #expect(harness.sends == ["HTTP/1.1 100 Continue\r\n\r\n"])
        harness.completeSend()
        harness.receive(isChunked ? "5\r\nhello\r\n0\r\n\r\n" : "hello")
        #expect(harness.sends.last == "POST /a keep 5:hello\n")
    }

    @Test("A client that sends its body without waiting gets no 100")
    func continueIsNotNeeded() throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/a", "Content-Length: 5", "Expect: 100-continue") + "he")
        #expect(harness.sends == [])
        harness.receive("llo")
        #expect(harness.sends == ["POST /a keep 5:hello\n"])
        harness.completeSend()
        harness.receive(Self.head("/b", "Content-Length: 0", "Expect: 100-continue"))
        #expect(harness.sends.last == "POST /b keep\n")
    }

    @Test("A 100 follows the response to the previous request")
    func continueInOrder() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a") + Self.head("/b", "Content-Length: 5", "Expect: 100-continue"))
        #expect(harness.sends == ["GET /a keep\nHTTP/1.1 100 Continue\r\n\r\n"])
    }

    @Test("A body that is too large is refused instead of sending 100, and the connection ends")
    func tooLargeWhenExpected() throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/a", "Content-Length: 1001", "Expect: 100-continue"))
        #expect(harness.statusCodes == [413])
        harness.completeSend()
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("A Content-Length beyond the limit is refused before the body is received; one at the limit is not")
    func tooLargeByLength() throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/a", "Content-Length: 1000"))
        #expect(harness.sends == [])
        harness.reconnect()
        harness.receive(Self.head("/a", "Content-Length: 1001"))
        #expect(harness.statusCodes == [413])
    }

    @Test("A chunked body is refused once it exceeds the limit; one at the limit is not", arguments: [0, 1])
    func tooLargeInChunks(excess: Int) throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/a", "Transfer-Encoding: chunked"))
        for _ in 0..<10 { harness.receive("64\r\n\(String(repeating: "x", count: 100))\r\n") }
        #expect(harness.sends == [])
        if excess > 0 { harness.receive("1\r\nx\r\n") }
        #expect(harness.statusCodes == (excess > 0 ? [413] : []))
    }

    @Test("An ignored body is discarded, and the next request gets its response", arguments: [true, false])
    func unwantedBody(isChunked: Bool) throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/early", isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 5"))
        #expect(harness.sends == ["POST /early keep\n"], "the response does not wait for the body")
        harness.completeSend()
        harness.receive((isChunked ? "5\r\nhello\r\n0\r\n\r\n" : "hello") + Requests.get("/b"))
        #expect(harness.sends.last == "GET /b keep\n")
    }

    @Test("A long ignored body ends the connection", arguments: [true, false])
    func longUnwantedBody(isChunked: Bool) throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.maximumDiscardedByteCount = 100
        let harness = try ConnectionHarness(configuration)
        harness.receive(Self.head("/early", isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 101"))
        #expect(harness.sends == ["POST /early \(isChunked ? "keep" : "close")\n"])
        harness.completeSend()
        if isChunked { harness.receive("65\r\n" + String(repeating: "x", count: 101)) }
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("A response before 100 ends the connection, since the client may or may not send the body")
    func earlyAnswerWhenExpected() throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head("/early", "Content-Length: 5", "Expect: 100-continue"))
        #expect(harness.sends == ["POST /early close\n"])
        harness.completeSend()
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test(
        "A malformed chunk is refused, or ends the connection after an early response", arguments: [true, false])
    func malformedChunk(isWanted: Bool) throws {
        let harness = try ConnectionHarness()
        harness.receive(Self.head(isWanted ? "/a" : "/early", "Transfer-Encoding: chunked") + "nonsense\r\n")
        harness.completeSends()
        #expect(harness.statusCodes == (isWanted ? [400] : []))
        #expect(harness.output.hasPrefix(isWanted ? "HTTP/1.1 400" : "POST /early keep\n"))
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("A lingering connection discards received bytes until the client closes")
    func lingering() throws {
        let harness = try ConnectionHarness()
        harness.receive("NONSENSE\r\n\r\n")
        harness.completeSends()
        #expect(harness.actions.last == .shutdownWriting)
        for _ in 0..<20 { harness.receive(Requests.get("/more")) }
        #expect(harness.isReceiving && harness.requestCount == 0)
        harness.endReceive()
        #expect(harness.isClosed)
    }
}
