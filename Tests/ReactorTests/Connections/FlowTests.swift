import Glibc
import HTTP1
import HTTPCore
import Testing

@testable import Reactor

@Suite("Flow control of a connection")
struct FlowTests {
    @Test("After a short send, the rest is sent before newer responses")
    func shortSends() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + Requests.get("/2"))
        harness.completeSend(1)
        harness.receive(Requests.get("/3"))
        harness.completeSend(6)
        #expect(harness.unsent == "keep\nGET /2 keep\n")
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\nGET /2 keep\nGET /3 keep\n")
        #expect(harness.sends.count == 2)
    }

    @Test("Requests of a client that does not receive its responses wait, and continue when it does")
    func outputHighWater() throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.outputHighWaterByteCount = 1000
        let harness = try ConnectionHarness(configuration)
        harness.receive((0..<10).map { Requests.get("/big/300/\($0)") }.joined())
        #expect(harness.sends.map(\.count) == [1200], "processing stops once the mark is reached")
        #expect(harness.requestCount == 4)
        harness.completeSend()
        #expect(harness.sends.map(\.count) == [1200, 1200])
        harness.completeSends()
        #expect(harness.sends.map(\.count) == [1200, 1200, 600])
        #expect(harness.isIdle)
    }

    @Test("Nothing is received from a client while its requests wait, and receiving resumes after them")
    func inputHighWater() throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.outputHighWaterByteCount = 100
        configuration.buffers.inputHighWaterByteCount = 500
        let harness = try ConnectionHarness(configuration)
        harness.receive((0..<5).map { Requests.get("/big/100/\($0)") }.joined())
        #expect(!harness.actions.contains(.stopReceiving))
        harness.receive((5..<20).map { Requests.get("/big/100/\($0)") }.joined())
        #expect(harness.actions.last == .stopReceiving)
        // Bytes in transit when the kernel was asked to stop still arrive, and must not be lost.
        harness.receive(Requests.get("/last"))
        harness.endReceive(failure: ECANCELED)
        #expect(harness.actions.filter { $0 == .stopReceiving }.count == 1)
        while harness.inputCount >= 500 {
            #expect(!harness.isReceiving)
            harness.completeSend()
        }
        #expect(harness.isReceiving)
        harness.completeSends()
        #expect(harness.requestCount == 21)
        #expect(harness.output.hasSuffix("GET /last keep\n"))
    }

    @Test("A flood of requests is handled in order, a limited number in each turn", arguments: [1, 64, 1000])
    func turns(pieceCount: Int) throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumStepsPerTurn = 10
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        let flood = Array((0..<25).map { Requests.get("/\($0)") }.joined().utf8)
        for start in stride(from: 0, to: flood.count, by: (flood.count + pieceCount - 1) / pieceCount) {
            harness.receive(Array(flood[start..<min(flood.count, start + (flood.count + pieceCount - 1) / pieceCount)]))
        }
        harness.completeSends()
        #expect(harness.requestCount <= 10, "the same turn handles no more, in however many pieces they arrive")
        for _ in 0..<500 where harness.inputCount > 0 {
            let before = harness.requestCount
            harness.takeTurn()
            #expect(harness.requestCount <= before + 10)
        }
        harness.completeSends()
        #expect(harness.output == (0..<25).map { "GET /\($0) keep\n" }.joined())
        #expect(harness.isIdle)
    }

    @Test("A flood of chunks is read in order, a limited number in each turn", arguments: ["/a", "/early", "/stream"])
    func turnsOfChunks(path: String) throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumStepsPerTurn = 10
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        harness.receive(Requests.post(path, chunks: (0..<25).map { _ in "x" }))
        var turns = 0
        while harness.inputCount > 0 {
            harness.takeTurn()
            turns += 1
        }
        // A step for the head, 25 for chunks, and the last for the end.
        #expect(turns == 2)
        if path == "/stream" {
            #expect(harness.exchange?.bodyBytes.count == 25 && harness.exchange?.body.isComplete == true)
        } else {
            harness.completeSends()
            #expect(harness.output.hasPrefix("POST \(path) keep") && harness.isIdle)
        }
    }

    @Test("A client that has sent FIN gets the responses to its deferred requests", arguments: [true, false])
    func turnsAfterTheEnd(isChunked: Bool) throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumStepsPerTurn = 2
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        harness.receive(
            isChunked
                ? Requests.post("/a", chunks: (0..<9).map { "\($0)" }) : (0..<9).map { Requests.get("/\($0)") }.joined()
        )
        harness.endReceive()
        harness.completeSends()
        while harness.inputCount > 0 { harness.takeTurn() }
        harness.completeSends()
        #expect(
            harness.output
                == (isChunked ? "POST /a keep 9:012345678\n" : (0..<9).map { "GET /\($0) keep\n" }.joined()))
        #expect(harness.isClosed)
    }

    @Test("A connection that breaks while it is deferred needs no more turns")
    func turnsAfterAFailure() throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumStepsPerTurn = 2
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        harness.receive((0..<9).map { Requests.get("/\($0)") }.joined())
        harness.failSend(ECONNRESET)
        #expect(harness.isDeferred && !harness.isClosed, "the receive is still to end")
        harness.takeTurn()
        #expect(!harness.isDeferred && harness.requestCount == 2)
        harness.endReceive()
        #expect(harness.isClosed)
    }

    @Test("A connection receives again after the kernel ran out of buffers", arguments: [ENOBUFS, EAGAIN, EINTR])
    func receiveEndsEarly(code: Int32) throws {
        let harness = try ConnectionHarness()
        harness.receive("GET /a HT")
        harness.endReceive(failure: code)
        #expect(harness.actions == [.receiveOnce, .receiveOnce])
        harness.receive("TP/1.1\r\nHost: a\r\n\r\n")
        #expect(harness.sends == ["GET /a keep\n"])
    }

    @Test("A broken connection is closed once the kernel is done with it", arguments: [ECONNRESET, ETIMEDOUT, EPIPE])
    func receiveFails(code: Int32) throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a"))
        harness.endReceive(failure: code)
        #expect(harness.actions.last == .shutdown, "the send under way is ended first")
        harness.failSend(EPIPE)
        #expect(harness.isClosed)
    }

    @Test("A send that fails closes the connection", arguments: [ECONNRESET, EPIPE])
    func sendFails(code: Int32) throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a"))
        harness.failSend(code)
        #expect(harness.actions.last == .shutdown)
        harness.receive(Requests.get("/b"))
        harness.endReceive()
        #expect(harness.isClosed)
        #expect(harness.sends.count == 1)
    }

    @Test("A connection that ends with half a head in hand leaves the reactor's parser as it was")
    func parserOfAClosedConnection() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + "GET /half HTTP/1.1\r\nHost: a\r\nX-Half")
        harness.endReceive(failure: ECONNRESET)
        // The send completes late: the connection is closed, and must not process its input.
        harness.completeSend()
        #expect(harness.isClosed)
        harness.reconnect()
        harness.receive(Requests.get("/2"))
        #expect(harness.sends == ["GET /2 keep\n"])
    }

    @Test("The limits of heads apply to every connection, even after one that waited for the rest of its head")
    func limitsOfHeads() throws {
        var configuration = ConnectionConfiguration()
        configuration.headLimits.maximumTargetByteCount = 10
        let harness = try ConnectionHarness(configuration)
        harness.receive("GET /a HT")
        harness.reconnect()
        harness.receive(Requests.get("/longer-than-ten"))
        #expect(harness.unsent.hasPrefix("HTTP/1.1 414 "))
        harness.reconnect()
        for byte in Requests.get("/longer-than-ten").utf8 where harness.sends.isEmpty { harness.receive([byte]) }
        #expect(harness.unsent.hasPrefix("HTTP/1.1 414 "))
    }

    @Test(
        "Collected bodies go to their handlers in order, a limited number in each turn",
        arguments: [(0, 1), (5, 1), (6, 0)])
    func bodiesOfATurn(limit: Int, turns: Int) throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumBodyByteCountPerTurn = limit
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        // The first arrives in pieces, the second does not, and the third is chunked and so always collected.
        let chunked = Requests.post("/c", chunks: ["chunk", "by chunk"])
        let requests = Array((Requests.post("/a", "hello") + Requests.post("/b", "hello world") + chunked).utf8)
        harness.receive(Array(requests[..<50]))
        harness.receive(Array(requests[50...]))
        var turnCount = 0
        while harness.isDeferred {
            harness.takeTurn()
            turnCount += 1
            try #require(turnCount < 10)
        }
        harness.completeSends()
        #expect(harness.output == "POST /a keep 5:hello\nPOST /b keep 11:hello world\nPOST /c keep 13:chunkby chunk\n")
        #expect(turnCount == turns)
    }

    @Test("A body that waits for its turn is handled although its client has sent FIN")
    func bodyOfAnEnd() throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.maximumBodyByteCountPerTurn = 5
        let harness = try ConnectionHarness(configuration)
        harness.takesTurns = false
        for path in ["/a", "/b"] {
            harness.receive(String(Requests.post(path, "hello").dropLast()))
            harness.receive("o")
        }
        #expect(harness.isDeferred && harness.sends == ["POST /a keep 5:hello\n"])
        harness.endReceive()
        harness.completeSend()
        #expect(!harness.isClosed)
        harness.takeTurn()
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.output == "POST /a keep 5:hello\nPOST /b keep 5:hello\n")
    }
}
