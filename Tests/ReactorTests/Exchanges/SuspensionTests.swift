import Testing

@testable import Reactor

@Suite("A request with a later response")
struct SuspensionTests {
    @Test("holds back the following requests until its response")
    func order() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + Requests.get("/later") + Requests.get("/2"))
        harness.receive(Requests.get("/3"))
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\n")
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\nlate\nGET /2 keep\nGET /3 keep\n")
        #expect(harness.isIdle)
    }

    @Test("gets 503 when the handler takes too long, and the late response is dropped")
    func handlerTimeout() throws {
        var configuration = ConnectionConfiguration()
        configuration.timeouts.handlerMilliseconds = 3_000
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.post("/later", "hello"))
        #expect(harness.deadline == harness.now + 31)
        #expect(harness.expire())
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.statusCodes == [503])
        #expect(!harness.output.contains("late"))
    }

    @Test("may get its response while the previous one is still being sent")
    func duringSend() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/1") + Requests.get("/later"))
        harness.completeSend(3)
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.output == "GET /1 keep\nlate\n")
    }

    @Test("does not stop a client from half-closing", arguments: [true, false])
    func halfClose(hasMore: Bool) throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/later") + (hasMore ? Requests.get("/2") : ""))
        harness.endReceive()
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.isClosed)
        #expect(harness.output == "late\n" + (hasMore ? "GET /2 keep\n" : ""))
    }

    @Test("may end the connection")
    func close() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/later") + Requests.get("/2"))
        harness.resume("late\n", keepsAlive: false)
        harness.completeSends()
        #expect(harness.output == "late\n")
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("keeps the connection as its response says when the server stops meanwhile: the next response is the last")
    func drain() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/later"))
        harness.drain()
        harness.resume("late, and going on\n")
        harness.completeSends()
        harness.receive(Requests.get("/2"))
        harness.completeSends()
        #expect(harness.output == "late, and going on\nGET /2 close\n")
    }

    @Test("ends when the connection breaks")
    func broken() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/later"))
        harness.fail()
        harness.resume("late\n")
        #expect(harness.sends == [])
    }

    @Test("limits how much a client can send meanwhile")
    func backPressure() throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.inputHighWaterByteCount = 200
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.get("/later"))
        while harness.actions.last != .stopReceiving { harness.receive(Requests.get("/2")) }
        #expect(harness.inputCount < 300)
    }
}
