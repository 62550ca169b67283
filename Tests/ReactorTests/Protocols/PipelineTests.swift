import Glibc
import Testing

@testable import Reactor

@Suite("Requests and responses on a connection")
struct PipelineTests {
    @Test("A connection receives from the start, and a request leads to one send")
    func oneRequest() throws {
        let harness = try ConnectionHarness()
        #expect(harness.actions == [.receiveOnce])
        harness.receive(Requests.get("/a"))
        harness.endReceive(failure: EAGAIN)
        #expect(harness.sends == ["GET /a keep\n"])
        harness.completeSend()
        #expect(harness.actions.count == 3 && harness.actions.last == .startReceiving)
        harness.receive(Requests.get("/b"))
        harness.completeSend()
        #expect(harness.actions.count == 4, "no further action until the next request")
        #expect(harness.isIdle)
    }

    @Test("Requests that arrive together get their responses in order and in one send", arguments: [2, 10, 32])
    func batch(count: Int) throws {
        let harness = try ConnectionHarness()
        let paths = (0..<count).map { "/\($0)" }
        harness.receive(paths.map { Requests.get($0) }.joined())
        #expect(harness.sends.count == 1)
        harness.completeSend()
        #expect(harness.output == paths.map { "GET \($0) keep\n" }.joined())
        #expect(harness.isIdle)
    }

    @Test("A response that becomes ready during a send of which only failure is reported has its success reported")
    func reportsSend() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1"))
        #expect(harness.actions.last == .send(isAwaited: false))
        harness.receive(Requests.get("/2"))
        #expect(harness.actions.last == .awaitSend)
        let count = harness.actions.count
        harness.receive(Requests.get("/3"))
        #expect(harness.actions.count == count, "once")
        harness.completeSend()
        #expect(harness.sends == ["GET /1 keep\n", "GET /2 keep\nGET /3 keep\n"])
    }

    @Test("Responses that become ready during a send are sent together in the next one")
    func coalescing() throws {
        let harness = try ConnectionHarness()
        for path in ["/1", "/2", "/3"] { harness.receive(Requests.get(path)) }
        #expect(harness.sends == ["GET /1 keep\n"])
        harness.completeSend()
        #expect(harness.sends == ["GET /1 keep\n", "GET /2 keep\nGET /3 keep\n"])
    }

    @Test("A body reaches the handler complete, in either framing and between other requests")
    func bodies() throws {
        let harness = try ConnectionHarness()
        harness.receive(
            Requests.post("/1", "hello") + Requests.get("/2") + Requests.post("/3", chunks: ["wor", "ld"])
                + Requests.post("/4", "") + Requests.post("/5", chunks: []))
        harness.completeSends()
        #expect(
            harness.output
                == "POST /1 keep 5:hello\nGET /2 keep\nPOST /3 keep 5:world\nPOST /4 keep\nPOST /5 keep\n")
    }

    @Test("A client's `Connection: close` takes effect after the response, and later bytes are ignored")
    func closeOnRequest() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a", "Connection: close"))
        harness.receive(Requests.get("/b"))
        harness.completeSends()
        #expect(harness.output == "GET /a close\n")
        #expect(!harness.actions.contains(.close))
    }

    @Test("A handler may end the connection")
    func closeByHandler() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/close"))
        harness.completeSend()
        // The client may be sending its next request before it receives the response.
        #expect(harness.actions.last == .shutdownWriting)
        harness.endReceive()
        #expect(harness.isClosed)
        #expect(harness.output == "GET /close close\n")
    }

    @Test("Requests after the last one are discarded before the socket is closed")
    func closeInsideBatch() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + Requests.get("/2", "Connection: close") + Requests.get("/3"))
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\nGET /2 close\n")
        #expect(harness.actions.last == .shutdownWriting)
        harness.endReceive()
        #expect(harness.isClosed)
    }

    @Test("A request that arrives while the last response is sent is discarded before the socket is closed")
    func requestBehindTheLastAnswer() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/close"))
        harness.receive(Requests.get("/2"))
        harness.completeSends()
        // Closing a socket with unread or later bytes resets it, and the reset may overtake the response.
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("An HTTP/1.0 connection ends after the response unless the client asks to keep it")
    func oldVersion() throws {
        let harness = try ConnectionHarness()
        harness.receive("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        harness.receive("GET /2 HTTP/1.0\r\n\r\n")
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\nGET /2 close\n")
        #expect(harness.actions.last == .shutdown)
    }
}
