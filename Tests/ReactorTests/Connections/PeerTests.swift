import HTTPCore
import Testing

@testable import Reactor

/// Clients that send FIN, and clients that are gone.
@Suite("A peer that has finished")
struct PeerTests {
    private static func suspended(_ path: String = "/later") throws -> ConnectionHarness {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get(path))
        return harness
    }

    @Test("is checked once a second while its handler runs, and gets its response")
    func watched() throws {
        let harness = try Self.suspended()
        #expect(harness.deadline == harness.now + 601, "while a receive is under way, the kernel reports a lost peer")
        harness.endReceive()
        for _ in 0..<3 {
            #expect(harness.deadline == harness.now + 10)
            #expect(harness.expire())
        }
        #expect(harness.questions == [.presence, .presence, .presence])
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.output == "late\n" && harness.isClosed)
    }

    @Test("ends its exchange once it is found to be gone")
    func gone() throws {
        let harness = try Self.suspended()
        let exchange = try #require(harness.exchange)
        harness.endReceive()
        harness.isPeerGone = true
        #expect(harness.expire())
        #expect(exchange.isOver && harness.isClosed)
        #expect(exchange.takeReplacement() == 499)
    }

    @Test("is also checked when it has sent more than its handler reads")
    func full() throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.inputHighWaterByteCount = 200
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.get("/later"))
        while harness.actions.last != .stopReceiving { harness.receive(Requests.get("/2")) }
        harness.endReceive(failure: 125)
        #expect(harness.deadline == harness.now + 10)
        harness.isPeerGone = true
        #expect(harness.expire())
        #expect(harness.isClosed)
    }

    /// Returns a connection with a streamed response, which checks its peer every two seconds.
    private static func streaming(keepAliveSeconds: Int32 = 2) throws -> ConnectionHarness {
        var configuration = ConnectionConfiguration()
        configuration.timeouts.keepAliveSeconds = keepAliveSeconds
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.get("/stream"))
        write("begun ", on: harness)
        return harness
    }

    private static func write(_ text: String, on harness: ConnectionHarness) {
        harness.exchange?.output.last.append(utf8: text)
        harness.exchangeChanged()
        harness.completeSends()
    }

    @Test("is checked regularly during a streamed response, however often bytes are sent to it")
    func streamed() throws {
        let harness = try Self.streaming()
        for round in 1...3 {
            let end = harness.now + 20
            while harness.now < end {
                #expect(harness.deadline == end && harness.questions.count == round - 1)
                harness.now += 4
                Self.write("more ", on: harness)
            }
            #expect(harness.expire())
            #expect(harness.questions.count == round && harness.questions.last == .presence)
        }
        harness.isPeerGone = true
        let exchange = try #require(harness.exchange)
        #expect(harness.expire())
        #expect(exchange.isOver && harness.actions.last == .shutdown)
    }

    @Test("is not checked during a streamed response without keep-alive probes")
    func streamedWithoutKeepAlive() throws {
        let harness = try Self.streaming(keepAliveSeconds: 0)
        for _ in 0..<3 { #expect(harness.expire()) }
        #expect(harness.questions == [])
        // FIN has ended the receive.
        harness.endReceive()
        #expect(harness.deadline == harness.now + 10)
        #expect(harness.expire())
        #expect(harness.questions == [.presence])
    }

    @Test("does not extend the handler's time limit")
    func timeout() throws {
        var configuration = ConnectionConfiguration()
        configuration.timeouts.handlerMilliseconds = 2_500
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.get("/later"))
        let start = harness.now
        harness.endReceive()
        while harness.sends.isEmpty { #expect(harness.expire()) }
        #expect(harness.now == start + 26)
        harness.completeSends()
        #expect(harness.statusCodes == [503])
    }

    @Test("the status reported to a replaced handler is that of the response sent")
    func replacements() throws {
        let endings: [(UInt16?, (ConnectionHarness) -> Void)] = [
            (499, { $0.endReceive(failure: 104) }), (499, { $0.fail() }), (503, { _ = $0.expire() }),
            (nil, { $0.resume("made\n") }),
        ]
        for (status, end) in endings {
            let harness = try Self.suspended()
            let exchange = try #require(harness.exchange)
            // A handler claims its response before it finishes.
            let replacement = status == nil ? exchange.takeReplacement() : nil
            end(harness)
            #expect((status == nil ? replacement : exchange.takeReplacement()) == status)
        }
    }

    @Test("a response that has begun is not replaced, whatever ends it")
    func begun() throws {
        let harness = try Self.suspended("/stream")
        let exchange = try #require(harness.exchange)
        exchange.output.last.append("begun")
        harness.exchangeChanged()
        harness.completeSend(3)
        harness.endReceive(failure: 104)
        #expect(exchange.isOver && exchange.takeReplacement() == nil)
    }

    @Test("a response of which nothing was sent is replaced")
    func unsent() throws {
        let harness = try Self.suspended("/stream")
        let exchange = try #require(harness.exchange)
        exchange.output.last.append("begun")
        harness.exchangeChanged()
        harness.failSend(104)
        #expect(exchange.isOver && exchange.takeReplacement() == 499)
    }

    @Test("a handler that finished in time is not replaced, though its response has not arrived yet")
    func race() throws {
        var configuration = ConnectionConfiguration()
        configuration.timeouts.handlerMilliseconds = 500
        let harness = try ConnectionHarness(configuration)
        harness.receive(Requests.get("/later"))
        #expect(try #require(harness.exchange).takeReplacement() == nil)
        #expect(harness.expire())
        #expect(harness.sends == [])
        harness.resume("late\n")
        harness.completeSends()
        #expect(harness.output == "late\n")
    }
}
