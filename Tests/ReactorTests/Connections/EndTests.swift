import Glibc
import HTTPCore
import Platform
import Testing

@testable import Reactor

@Suite("The end of a connection")
struct EndTests {
    @Test("A connection that the client closes between requests is closed without a response")
    func idleEnd() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a"))
        harness.completeSend()
        harness.endReceive()
        #expect(harness.isClosed)
        #expect(harness.output == "GET /a keep\n")
    }

    @Test("A client that has sent FIN still gets its responses")
    func halfClose() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + Requests.get("/2"))
        harness.endReceive()
        #expect(!harness.isClosed)
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.output == "GET /1 keep\nGET /2 keep\n")
    }

    @Test("A client that sends FIN with its request gets its response without another event")
    func halfCloseAtOnce() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1"))
        #expect(harness.actions.last == .send(isAwaited: false))
        harness.endReceive()
        #expect(harness.actions.last == .awaitSend)
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.actions.count { $0 == .awaitSend } == 1)
    }

    @Test("A half-closed client gets all responses, however many turns they take", arguments: [0, 1, 7, 50])
    func halfCloseUnderBackPressure(count: Int) throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.outputHighWaterByteCount = 100
        let harness = try ConnectionHarness(configuration)
        harness.receive((0...count).map { Requests.get("/big/60/\($0)") }.joined() + Requests.get("/last"))
        harness.endReceive()
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.requestCount == count + 2)
        #expect(harness.output.hasSuffix("GET /last keep\n"))
    }

    @Test("An incomplete request at the end gets no response", arguments: ["GET /half HTTP/1.1\r\n", "\r\n"])
    func halfRequest(rest: String) throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a") + rest)
        harness.endReceive()
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.output == "GET /a keep\n")
        harness.reconnect()
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
        harness.endReceive()
        #expect(harness.isClosed)
        #expect(harness.sends == [])
    }

    @Test("Errors end the connection with a response, and the following bytes are discarded")
    func rejection() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a") + "GET / HTTP/1.1\r\n\r\n" + Requests.get("/b"))
        #expect(harness.sends.count == 1, "it is sent with the responses before it")
        harness.completeSend()
        #expect(harness.output.hasPrefix("GET /a keep\nHTTP/1.1 400 Bad Request\r\n"))
        #expect(harness.output.contains("Connection: close\r\n"))
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test(
        "A client that asks to close is closed without another receive, unless bytes may follow its request"
    )
    func endAsAsked() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a", "Connection: close"))
        harness.endReceive(failure: EAGAIN)
        #expect(harness.actions.last == .sendMore)
        harness.completeSend()
        #expect(harness.actions.last == .close && harness.isClosed)

        let other = try ConnectionHarness()
        other.receive(Requests.get("/a", "Connection: close") + "more")
        other.endReceive(failure: EAGAIN)
        #expect(other.actions.last == .startReceiving)
        other.completeSend()
        #expect(other.actions.last == .shutdownWriting && !other.isClosed)

        // After a full buffer, there may be more bytes.
        let third = try ConnectionHarness()
        let request = Requests.get("/a", "Connection: close")
        third.receive(
            Requests.get(
                "/a", "Connection: close", "X: \(String(repeating: "x", count: 4096 - 5 - request.utf8.count))"))
        third.endReceive(failure: EAGAIN)
        #expect(third.actions.last == .startReceiving)
        third.receive("more")
        third.completeSend()
        #expect(third.actions.last == .shutdownWriting && !third.isClosed)
    }

    @Test("After a rejection the reactor's parser is ready for the next connection")
    func parserAfterRejection() throws {
        let harness = try ConnectionHarness()
        for text in ["NONSENSE\r\n", "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", "GET / HT", "\r\n"] {
            harness.receive(text)
            harness.reconnect()
        }
        harness.receive(Requests.get("/ok"))
        #expect(harness.sends == ["GET /ok keep\n"])
    }

    @Test("On a stopping server the next response is the last, and a request under way continues")
    func drain() throws {
        let harness = try ConnectionHarness()
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel")
        harness.drain()
        #expect(!harness.actions.contains(.shutdown))
        harness.receive("lo" + Requests.get("/b"))
        harness.completeSend()
        #expect(harness.output == "POST /a close 5:hello\n")
    }

    @Test("A stopping server gives an idle connection time for a request in transit, counted from the stop")
    func drainAtRest() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a"))
        harness.completeSend()
        harness.now += 400
        harness.drain()
        let grace = Int64(ConnectionConfiguration().timeouts.drainGraceMilliseconds) / Clock.tickMilliseconds
        #expect(try #require(harness.deadline) >= harness.now + grace)
        harness.receive(Requests.get("/b"))
        harness.completeSend()
        #expect(harness.output == "GET /a keep\nGET /b close\n")
    }

    @Test("A stopping server closes an idle connection when its time is over")
    func drainWithoutRequest() throws {
        let harness = try ConnectionHarness()
        harness.drain()
        #expect(harness.expire())
        #expect(harness.sends == [] && harness.actions.last == .shutdown)
        harness.endReceive()
        #expect(harness.isClosed)
    }

    @Test("A failed connection waits for both of its operations before it is closed")
    func failure() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a"))
        harness.fail()
        harness.completeSend(3)
        #expect(harness.actions.last == .shutdown && !harness.isClosed)
        harness.endReceive()
        #expect(harness.isClosed)
        #expect(harness.actions.filter { $0 == .shutdown }.count == 1)
    }
}
