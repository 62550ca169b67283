import Glibc
import Testing

@testable import Reactor

/// A client that sends more than its share is received from one buffer at a time, after all others.
@Suite("A flood")
struct FloodTests {
    @Test("is received one buffer a turn, after other connections, until it is over")
    func flood() throws {
        var configuration = ConnectionConfiguration()
        configuration.turns.floodByteCount = 200
        let harness = try ConnectionHarness(configuration)
        let requests = (0..<30).map { Requests.get("/\($0)") }
        var rest = Array(requests.joined().utf8)
        func receive(_ count: Int) {
            harness.takeTurn()
            harness.receive(Array(rest.prefix(count)))
            rest.removeFirst(count)
        }
        receive(7 * requests[0].utf8.count)
        harness.endReceive(failure: EAGAIN)
        #expect(harness.actions.last == .startReceiving)
        receive(200)
        #expect(harness.actions.last == .stopReceiving)
        harness.endReceive(failure: ECANCELED)
        #expect(harness.actions.last == .receiveBulk)
        // Over after four receives in a row of less than an eighth of `floodByteCount`.
        for count in [25, 24, 24, 24, 25, 24, 24, 24] {
            receive(count)
            harness.endReceive(failure: EAGAIN)
            #expect(harness.actions.last == .receiveBulk)
        }
        receive(24)
        harness.endReceive(failure: EAGAIN)
        #expect(harness.actions.last == .startReceiving)
        receive(rest.count)
        while harness.isDeferred { harness.takeTurn() }
        harness.completeSends()
        #expect(harness.output == (0..<30).map { "GET /\($0) keep\n" }.joined())
    }

    /// Returns the receive that follows the first buffer, which contains `text`.
    private func receive(after text: String) throws -> Transport.Action? {
        var configuration = ConnectionConfiguration()
        configuration.turns.floodByteCount = 200
        let harness = try ConnectionHarness(configuration)
        harness.receive(text)
        harness.completeSends()
        harness.endReceive(failure: EAGAIN)
        return harness.actions.last { [.startReceiving, .receiveOnce, .receiveBulk].contains($0) }
    }

    @Test("is presumed when a long body follows", arguments: ["/a", "/early", "/stream"])
    func longBody(path: String) throws {
        func head(_ byteCount: Int) -> String {
            String(Requests.post(path, String(repeating: "x", count: byteCount)).dropLast(byteCount))
        }
        #expect(try receive(after: head(199)) == .startReceiving)
        #expect(try receive(after: head(200)) == .receiveBulk)
        #expect(try receive(after: head(200) + "x") == .startReceiving)
    }

    @Test("is presumed with a chunked body that has not ended", arguments: ["/a", "/early", "/stream"])
    func chunks(path: String) throws {
        let request = Requests.post(path, chunks: ["x"])
        #expect(try receive(after: String(request.dropLast())) == .receiveBulk)
        #expect(try receive(after: request) == .startReceiving)
    }

    @Test("is presumed with a head longer than a buffer")
    func longHead() throws {
        let line = "GET /a HTTP/1.1"
        #expect(try receive(after: line.padding(to: 24)) == .receiveOnce)
        #expect(try receive(after: line.padding(to: 25)) == .receiveBulk)
        #expect(try receive(after: Requests.get("/a") + line.padding(to: 24)) == .receiveBulk)
        #expect(try receive(after: Requests.get("/a", "A: b") + Requests.get("/a")) == .startReceiving)
    }

    @Test("is not what a lingering connection drops, whose receive is always under way to notice FIN")
    func lingering() throws {
        #expect(try receive(after: "no request\r\n\r\n") == .receiveOnce)
        let harness = try floodWithQueuedReceive()
        #expect(harness.expire(), "the body takes too long")
        harness.completeSends()
        #expect(harness.actions.suffix(2) == [.shutdownWriting, .receiveOnce])
        harness.beginQueuedReceive()
        harness.endReceive()
        #expect(harness.actions.last == .close)
    }

    /// Returns a connection whose next receive waits for its turn, in the middle of a chunked body.
    private func floodWithQueuedReceive() throws -> ConnectionHarness {
        let harness = try ConnectionHarness()
        harness.queuesBulk = true
        harness.receive(String(Requests.post("/a", chunks: ["x"]).dropLast()))
        harness.endReceive(failure: EAGAIN)
        #expect(harness.actions.last == .receiveBulk && !harness.isReceiving)
        return harness
    }

    @Test("that ends before its turn is closed at once, and not received from any more")
    func endsBeforeItsTurn() throws {
        let harness = try floodWithQueuedReceive()
        harness.fail()
        #expect(harness.isClosed && harness.actions.last == .close)
        let lost = try floodWithQueuedReceive()
        lost.endReceive(failure: ECONNRESET)
        #expect(lost.isClosed && lost.actions.last == .close)
    }
}

extension String {
    /// Returns the text followed by the beginning of a field, padded to this length.
    fileprivate func padding(to byteCount: Int) -> String {
        let text = self + "\r\nA:"
        return text + String(repeating: "b", count: max(0, byteCount - text.utf8.count))
    }
}
