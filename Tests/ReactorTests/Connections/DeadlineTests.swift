import HTTP1
import HTTPCore
import Platform
import Testing

@testable import Reactor

@Suite("Deadlines of a connection")
struct DeadlineTests {
    private static func configuration() -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        configuration.timeouts.idleMilliseconds = 60_000
        configuration.timeouts.headMilliseconds = 10_000
        configuration.timeouts.transferGraceMilliseconds = 5_000
        configuration.timeouts.minimumTransferRate = 100
        configuration.timeouts.lingerMilliseconds = 2_000
        configuration.timeouts.drainGraceMilliseconds = 500
        configuration.timeouts.handlerMilliseconds = 30_000
        configuration.buffers.streamHighWaterByteCount = 100
        return configuration
    }

    /// Returns the ticks of a deadline in so many seconds: one more, since part of the current tick has passed.
    private static func ticks(_ seconds: Int) -> Int64 { Int64(seconds) * 1000 / Clock.tickMilliseconds + 1 }

    @Test("Idle time is counted from the last response")
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

    @Test("A head's time limit begins with its first byte, and further bytes do not extend it")
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

    @Test("In a pipeline, a head's time limit begins after the previous response")
    func pipelinedHead() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/a") + "GET /half")
        harness.now += 20
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(10))
    }

    @Test("A head that timed out leaves no state in the reactor's parser")
    func parserAfterTimeout() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("GET /half HTTP/1.1\r\nHost: a\r\nX-Half: ")
        #expect(harness.expire())
        harness.completeSends()
        harness.reconnect()
        harness.receive(Requests.get("/b"))
        #expect(harness.sends == ["GET /b keep\n"])
    }

    @Test("A body may pause for the grace period, and each byte extends the deadline at the minimum rate")
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

    @Test("The data of a body that is discarded extends the deadline at the minimum rate", arguments: [true, false])
    func discardedBody(isChunked: Bool) throws {
        let harness = try ConnectionHarness(Self.configuration())
        let framing = isChunked ? "Transfer-Encoding: chunked" : "Content-Length: 1000"
        harness.receive("POST /early HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
        harness.completeSends()
        let start = harness.now
        harness.receive((isChunked ? "3e8\r\n" : "") + String(repeating: "x", count: 300))
        #expect(harness.deadline == start + Self.ticks(5 + 3))
    }

    @Test("In a chunked body, only data extends the deadline")
    func chunkedBody() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let start = harness.now
        harness.receive("64\r\n" + String(repeating: "x", count: 100))
        #expect(harness.deadline == start + Self.ticks(5 + 1))
        #expect(harness.expire())
        #expect(harness.statusCodes == [408])
    }

    @Test(
        "Extreme rates and grace periods don't overflow",
        arguments: [
            (1, 10, 5 + 10), (2, 7, 5 + 3), (7, 14, 5 + 2), (100, 100, 5 + 1), (.max, 999, 5), (Int.max / 10, 999, 5),
        ])
    func rates(rate: Int, byteCount: Int, seconds: Int) throws {
        var configuration = Self.configuration()
        configuration.timeouts.minimumTransferRate = rate
        // The extension is limited to another grace period, so begin late enough in the first one.
        let harness = try ConnectionHarness(configuration)
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        let start = harness.now
        harness.now += Self.ticks(5) - 1
        for _ in 0..<byteCount { harness.receive("x") }
        let ticks = rate == 2 ? Self.ticks(5) + 35 : Self.ticks(seconds)
        #expect(try #require(harness.deadline) == min(start + ticks, harness.now + Self.ticks(5 + 5)))
    }

    @Test("Extremely long limits never expire", arguments: [Int.max, 9_000_000_000_000])
    func endless(milliseconds: Int) throws {
        var configuration = Self.configuration()
        configuration.timeouts.idleMilliseconds = milliseconds
        configuration.timeouts.headMilliseconds = milliseconds
        configuration.timeouts.transferGraceMilliseconds = milliseconds
        configuration.timeouts.handlerMilliseconds = milliseconds
        configuration.timeouts.minimumTransferRate = .max
        let harness = try ConnectionHarness(configuration)
        let never = harness.now + Int64(milliseconds) / Clock.tickMilliseconds
        #expect(try #require(harness.deadline) > never)
        harness.receive("POST /a HTTP/1.1\r\nHost: a")
        #expect(try #require(harness.deadline) > never)
        harness.receive("\r\nContent-Length: 100\r\n\r\n")
        for _ in 0..<3 {
            harness.now += 10
            harness.receive("xxx")
            #expect(try #require(harness.deadline) > never)
        }
    }

    @Test("A client that does not receive its response is disconnected")
    func sending() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/big/1000"))
        #expect(harness.deadline == harness.now + Self.ticks(5))
        #expect(harness.expire())
        #expect(harness.actions.last == .shutdown)
        #expect(harness.sends.count == 1)
    }

    @Test("Each byte that is sent extends the deadline by its share of a second too")
    func sendingRate() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/big/1000"))
        let start = harness.now
        harness.now += 10
        harness.completeSend(300)
        #expect(harness.deadline == start + Self.ticks(5 + 3))
        harness.now += Self.ticks(5 + 3) - 11
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(60), "it is done on the last tick, and then idle")
    }

    @Test("Bytes that the client acknowledges extend the deadline too, once it has passed")
    func acknowledgements() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/big/100000"))
        harness.completeSend(90_000)
        harness.acknowledgedByteCount = 10_000
        // Ten seconds for the bytes sent, and five to acknowledge some more.
        #expect(harness.expire())
        #expect(harness.deadline == harness.now + Self.ticks(5))
        // At the minimum rate, the bytes pay for the time since then, and the rest of the grace period remains.
        harness.acknowledgedByteCount += 600
        #expect(harness.expire())
        #expect(harness.deadline == harness.now + 60)
        // However fast it was, it may pause for at most twice the grace period.
        harness.acknowledgedByteCount += 50_000
        #expect(harness.expire())
        #expect(harness.deadline == harness.now + Self.ticks(5 + 5))
        #expect(!harness.actions.contains(.shutdown))
        #expect(harness.expire())
        #expect(harness.questions.count == 4 && harness.actions.last == .shutdown)
    }

    @Test("Bytes acknowledged before the kernel accepted more do not count")
    func oldAcknowledgements() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/big/100000"))
        harness.completeSend(90_000)
        harness.acknowledgedByteCount = 10_000
        #expect(harness.expire())
        harness.acknowledgedByteCount += 50_000
        harness.completeSend(1000)
        #expect(harness.expire())
        #expect(harness.deadline == harness.now + Self.ticks(5), "again there is nothing to compare with")
        #expect(harness.expire())
        #expect(harness.actions.last == .shutdown)
    }

    @Test("A fast client may pause for another grace period, and no longer", arguments: [true, false])
    func noSavings(isSending: Bool) throws {
        let harness = try ConnectionHarness(Self.configuration())
        if isSending {
            harness.receive(Requests.get("/big/100000"))
            harness.completeSend(90_000)
        } else {
            harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
            harness.receive(String(repeating: "x", count: 999))
        }
        #expect(harness.deadline == harness.now + Self.ticks(5 + 5))
    }

    @Test("The time limit of a handler that does not run inline begins with the request and applies until its response")
    func handler() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/later"))
        let start = harness.now
        #expect(harness.deadline == start + Self.ticks(30))
        harness.now = start + Self.ticks(30) - 1
        harness.receive("G")
        #expect(harness.deadline == start + Self.ticks(30), "bytes received meanwhile make no difference")
        harness.resume("answer\n")
        #expect(harness.sends == ["answer\n"])
        #expect(!harness.statusCodes.contains(503))
    }

    @Test("A streamed body has the client's time limit while the handler waits for it, and otherwise the handler's")
    func streamedBody() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n")
        #expect(harness.deadline == harness.now + Self.ticks(30), "the handler has not asked for it")
        harness.now += 10
        harness.exchange?.body.isWanted = true
        harness.exchangeChanged()
        #expect(harness.deadline == harness.now + Self.ticks(5))
        harness.now += 10
        harness.receive(String(repeating: "x", count: 100))
        #expect(harness.deadline == harness.now + Self.ticks(30), "the handler has enough unread bytes")
        #expect(harness.expire())
        #expect(harness.statusCodes == [503])
    }

    @Test("A streamed response has no time limit while the client receives what is sent")
    func producer() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive(Requests.get("/stream"))
        harness.exchange?.output.last.append("begun ")
        harness.exchangeChanged()
        #expect(harness.deadline == harness.now + Self.ticks(5))
        harness.completeSends()
        for _ in 0..<3 { #expect(harness.expire()) }
        harness.exchange?.output.last.append("done")
        harness.exchangeChanged()
        harness.completeSends()
        #expect(harness.output == "begun done")
    }

    @Test("A lingering client has a short time limit")
    func lingering() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("NONSENSE\r\n")
        harness.completeSend()
        #expect(harness.deadline == harness.now + Self.ticks(2))
        harness.now += 10
        harness.receive("more")
        #expect(harness.deadline == harness.now - 10 + Self.ticks(2), "bytes that it sends do not extend it")
        #expect(harness.expire())
        #expect(harness.actions.last == .shutdown)
    }

    @Test("A time limit of zero expires in the next tick")
    func zero() throws {
        var configuration = Self.configuration()
        configuration.timeouts.idleMilliseconds = 0
        let harness = try ConnectionHarness(configuration)
        #expect(harness.deadline == harness.now + 1)
    }
}
