import HTTP1
import HTTPCore
import Testing

@testable import Reactor

@Suite("Exchanges between a connection and a handler that does not run inline")
struct ExchangeTests {
    private static let upload = "POST /stream HTTP/1.1\r\nHost: a\r\n"

    private static func configuration() -> ConnectionConfiguration {
        var configuration = ConnectionConfiguration()
        configuration.buffers.streamHighWaterByteCount = 100
        configuration.buffers.maximumDiscardedByteCount = 50
        return configuration
    }

    private static func write(_ text: String, to harness: ConnectionHarness) {
        harness.exchange?.output.last.append(utf8: text)
        harness.exchangeChanged()
    }

    @Test("The body waits for its reader, and a full exchange stops receiving until half of it is read")
    func backPressure() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("\(Self.upload)Content-Length: 1000\r\n\r\n\(String(repeating: "x", count: 99))")
        #expect(harness.exchange?.bodyBytes.count == 99)
        #expect(!harness.actions.contains(.stopReceiving))
        harness.receive("x")
        #expect(harness.actions.last == .stopReceiving)
        harness.endReceive(failure: 125)
        #expect(!harness.isReceiving)
        harness.exchange?.bodyBytes.removeFirst(50)
        harness.exchangeChanged()
        #expect(!harness.isReceiving)
        harness.exchange?.bodyBytes.removeFirst(1)
        harness.exchangeChanged()
        #expect(harness.isReceiving)
    }

    @Test("The handler gets the end of a body in either framing, and the next request waits for the response")
    func bodyEnds() throws {
        for body in ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"] {
            let harness = try ConnectionHarness(Self.configuration())
            harness.receive(Self.upload + body.dropLast())
            #expect(harness.exchange?.body.isComplete == false)
            harness.receive(body.suffix(1) + Requests.get("/next"))
            #expect(harness.exchange?.body.isComplete == true)
            #expect(harness.exchange?.bodyBytes.count == 5)
            #expect(harness.sends == [])
            harness.exchange?.response.ending = .finished(Responded(keepsAlive: true))
            Self.write("answer\n", to: harness)
            harness.completeSends()
            #expect(harness.output == "answer\nGET /next keep\n")
            #expect(harness.exchange == nil)
        }
    }

    @Test("A body that can't be read ends with the handler's response if a thread is sending it at that moment")
    func claimedResponse() throws {
        for (framing, isLate) in [("Transfer-Encoding: chunked\r\n\r\n", false), ("Content-Length: 9\r\n\r\n", true)] {
            let harness = try ConnectionHarness(Self.configuration())
            harness.receive("POST /stream/blocking HTTP/1.1\r\nHost: a\r\n" + framing)
            harness.exchange?.body.isWanted = true
            harness.receive(isLate ? "" : "1\r\n")
            #expect(harness.exchange?.takeReplacement() == nil, "the thread sends its own response")
            if isLate { #expect(harness.expire()) } else { harness.receive("no chunk\r\n") }
            harness.receive("more")
            #expect(harness.sends == [] && harness.inputCount == 0)
            harness.resume("done\n", keepsAlive: true)
            harness.completeSends()
            #expect(harness.output == "done\n")
            #expect(harness.actions.contains(.shutdownWriting), "where the next request begins is unknown")
        }
    }

    @Test("100 is sent when the handler asks for the body, unless bytes have arrived or the response has begun")
    func hundredContinue() throws {
        let head = "\(Self.upload)Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"
        let asking = try ConnectionHarness(Self.configuration())
        asking.receive(head)
        #expect(asking.sends == [])
        asking.exchange?.body.isWanted = true
        asking.exchangeChanged()
        asking.exchangeChanged()
        #expect(asking.sends == ["HTTP/1.1 100 Continue\r\n\r\n"])

        let sending = try ConnectionHarness(Self.configuration())
        sending.receive("\(head)h")
        sending.exchange?.body.isWanted = true
        sending.exchangeChanged()
        #expect(sending.sends == [])

        let responding = try ConnectionHarness(Self.configuration())
        responding.receive(head)
        Self.write("begun", to: responding)
        responding.exchange?.body.isWanted = true
        responding.exchangeChanged()
        #expect(responding.sends == ["begun"])
    }

    @Test("After an early response, a short rest of the body is discarded; a long or uncertain one ends the connection")
    func earlyAnswer() throws {
        for (framing, goesOn) in [
            ("Content-Length: 50\r\n\r\n", true), ("Content-Length: 51\r\n\r\n", false),
            ("Expect: 100-continue\r\nContent-Length: 5\r\n\r\n", false), ("Transfer-Encoding: chunked\r\n\r\n", true),
        ] {
            let harness = try ConnectionHarness(Self.configuration())
            harness.receive(Self.upload + framing)
            harness.exchange?.response.ending = .finished(Responded(keepsAlive: true))
            Self.write("no\n", to: harness)
            harness.completeSends()
            #expect(harness.output == "no\n")
            #expect(harness.actions.contains(.sendMore) == !goesOn)
            #expect(!harness.isClosed)
        }
    }

    @Test("Whether a response must be the last is known at any time, and follows the rest of the body")
    func remainingBody() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("\(Self.upload)Content-Length: 60\r\n\r\n")
        #expect(harness.exchange?.remainingBody == .long)
        harness.receive("123456789")
        #expect(harness.exchange?.remainingBody == .long)
        harness.receive("0")
        #expect(harness.exchange?.remainingBody == .short)

        let rests = [("Content-Length: 51", RemainingBody.long), ("Transfer-Encoding: chunked", .short)]
        for (framing, afterAsking) in rests {
            let waiting = try ConnectionHarness(Self.configuration())
            waiting.receive("\(Self.upload)Expect: 100-continue\r\n\(framing)\r\n\r\n")
            #expect(waiting.exchange?.remainingBody == .unrequested)
            waiting.exchange?.body.isWanted = true
            waiting.exchangeChanged()
            #expect(waiting.exchange?.remainingBody == afterAsking)
        }

        for (framing, body) in [("Content-Length: 51", "x"), ("Transfer-Encoding: chunked", "1\r\nx")] {
            let sending = try ConnectionHarness(Self.configuration())
            sending.receive("\(Self.upload)Expect: 100-continue\r\n\(framing)\r\n\r\n")
            sending.receive(body)
            #expect(sending.exchange?.remainingBody == .short, "a client that sends the body does not wait for 100")
        }
    }

    @Test("The end of a connection reaches every waiting handler, whatever its cause")
    func lost() throws {
        let endings: [(ConnectionHarness) -> Void] = [
            { $0.endReceive(failure: 104) }, { $0.endReceive() }, { $0.fail() }, { _ = $0.expire() },
            { $0.receive("x\r\n") },
        ]
        for end in endings {
            let harness = try ConnectionHarness(Self.configuration())
            harness.receive("\(Self.upload)Transfer-Encoding: chunked\r\n\r\n")
            let exchange = try #require(harness.exchange)
            #expect(!exchange.isOver)
            end(harness)
            #expect(exchange.isOver)
            #expect(harness.exchange == nil)
        }
    }

    @Test("Messages of a handler's thread take effect; those for an ended request do not")
    func messages() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("POST /stream/blocking HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        let exchange = try #require(harness.exchange)
        harness.resume("", .wantsBody, exchange)
        #expect(exchange.signals?.body.bytes.count == 5)
        harness.resume("one ", .output, exchange)
        harness.resume("two", .finished(Responded(keepsAlive: true)), exchange)
        harness.completeSends()
        #expect(harness.output == "one two")
        #expect(exchange.isOver)

        harness.receive("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
        harness.resume("stale", .output, exchange)
        #expect(harness.exchange !== exchange && harness.exchange?.output.isEmpty == true)
        harness.resume("fresh")
        harness.completeSends()
        #expect(harness.output == "one twofresh")
    }

    @Test("A message to a reactor that has ended ends its exchange, and is dropped")
    func reactorIsGone() throws {
        weak var kept: Exchange?
        do {
            let mailbox = try ReactorMailbox()
            mailbox.retire()
            let encoder = ProtocolEncoder.http1(
                ResponseEncoder(isHead: false, minorVersion: 1, keepsAlive: true))
            let ticket = Ticket(
                token: Token(slot: 0, generation: 0), stream: 1, mailbox: mailbox, encoder: encoder)
            let exchange = Exchange(ticket: ticket, isBlocking: true, isBodyStreamed: false)
            exchange.finish(OutputQueue(), Responded(keepsAlive: true))
            #expect(exchange.isOver)
            kept = exchange
        }
        #expect(kept == nil)
    }

    @Test("An aborted response is sent as far as it was written, and the connection ends")
    func brokenOff() throws {
        let harness = try ConnectionHarness(Self.configuration())
        harness.receive("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        Self.write("half", to: harness)
        harness.exchange?.response.ending = .aborted
        harness.exchangeChanged()
        harness.completeSends()
        #expect(harness.output == "half")
        harness.endReceive()
        #expect(harness.isClosed)
    }
}
