import Testing

@testable import Reactor

@Suite("A connection must not keep the server waiting")
struct DeadlineTests {
    private static func configuration() -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        configuration.idleTimeoutMilliseconds = 60_000
        configuration.headTimeoutMilliseconds = 10_000
        configuration.transferGraceMilliseconds = 5_000
        configuration.minimumTransferRate = 100
        configuration.lingerTimeoutMilliseconds = 2_000
        configuration.drainGraceMilliseconds = 500
        return configuration
    }

    /// Ticks for so many seconds, and the one more that makes up for the part of a tick that has passed.
    private static func ticks(_ seconds: Int) -> Int64 { Int64(seconds) * 1000 / Clock.tickMilliseconds + 1 }

    @Test("Idle time is counted from the last answer")
    func idle() throws {
        let harness = try ConnectionHarness(Self.configuration())
        #expect(harness.deadline == harness.now + Self.ticks(60))
        harness.now += 100
        harness.receive(Requests.get("/a"))
        harness.now += 7
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(60))
        #expect(harness.expire())
        #expect(harness.output == "GET /a keep\n" && harness.actions.last == .shutdown)
    }

    @Test("A head's time runs from its first byte, and further bytes do not buy more")
    func head() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.now += 300
        harness.receive("G")
        let start = harness.now
        for byte in "ET / HTTP/1.1\r\nHost: a\r\n".utf8 {
            harness.now += 1
            harness.receive([byte])
            #expect(harness.deadline == start + Self.ticks(10))
        }
        #expect(harness.expire())
        #expect(harness.statusCodes == [408])
        harness.completeSend()
        #expect(harness.actions.last == .shutdownWriting)
    }

    @Test("Of a pipeline, a head's time runs from the answer before it")
    func pipelinedHead() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/a") + "GET /half")
        harness.now += 20
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(10))
    }

    @Test("A head that ran out of time leaves nothing behind in the reactor's parser")
    func parserAfterTimeout() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("GET /half HTTP/1.1\r\nHost: a\r\nX-Half: ")
        #expect(harness.expire())
        harness.completeSends()
        harness.reconnect()
        harness.receive(Requests.get("/b"))
        #expect(harness.sends == ["GET /b keep\n"])
    }

    @Test("A body may pause for the grace, and every byte buys its share of a second at the minimum rate")
    func body() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        let start = harness.now
        #expect(harness.deadline == start + Self.ticks(5))
        harness.now += 10
        harness.receive(String(repeating: "x", count: 300))
        #expect(harness.deadline == start + Self.ticks(5 + 3))
        #expect(harness.expire())
        #expect(harness.statusCodes == [408])
    }

    @Test("The same in chunks, where only data counts")
    func chunkedBody() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let start = harness.now
        harness.receive("64\r\n" + String(repeating: "x", count: 100))
        #expect(harness.deadline == start + Self.ticks(5 + 1))
        #expect(harness.expire())
        #expect(harness.statusCodes == [408])
    }

    @Test("A client that does not take its answer is cut off")
    func sending() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/big/1000"))
        #expect(harness.deadline == harness.now + Self.ticks(5))
        #expect(harness.expire())
        #expect(harness.actions.last == .shutdown)
        #expect(harness.sends.count == 1)
    }

    @Test("A lingering client has a short time")
    func lingering() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("NONSENSE\r\n")
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(2))
        harness.now += 10
        harness.receive("more")
        #expect(harness.deadline == harness.now - 10 + Self.ticks(2), "what it sends buys no time")
        #expect(harness.expire())
        #expect(harness.actions.last == .shutdown)
    }

    @Test("A timeout counts as waiting even when it is zero")
    func zero() throws {
        var configuration = Self.configuration()
        configuration.idleTimeoutMilliseconds = 0
        let harness = try ConnectionHarness(configuration)
        #expect(harness.deadline == harness.now + 1)
    }
}
