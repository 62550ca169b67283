import Testing

@testable import Reactor

/// The count by which a reactor decides to return memory: without it, the process would stay as large as at its peak.
@Suite("Memory freed by requests is counted")
struct FreedMemoryTests {
    private static let chunk = "1f4\r\n" + String(repeating: "x", count: 500) + "\r\n"

    @Test(
        "of bodies that arrive in pieces, for every kind of handler",
        arguments: ["/a", "/stream", "/stream/blocking"],
        ["Content-Length: 1000", "Transfer-Encoding: chunked"])
    func bodies(path: String, framing: String) throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.streamHighWaterByteCount = 10_000
        let harness = try ConnectionHarness(configuration)
        harness.receive("POST \(path) HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
        let piece = framing.hasSuffix("chunked") ? Self.chunk : String(repeating: "x", count: 500)
        let before = harness.freedByteCount
        harness.receive(piece)
        #expect((500..<600).contains(harness.freedByteCount - before))
        harness.exchange?.end(.disconnected)
    }

    @Test("of a body that was too slow, including its reserved memory")
    func lateBody() throws {
        let harness = try ConnectionHarness()
        harness.receive("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nslow")
        let before = harness.freedByteCount
        #expect(harness.expire())
        #expect(harness.statusCodes == [408])
        #expect(harness.freedByteCount >= before + 1000)
    }

    @Test("of a head that arrived in pieces")
    func head() throws {
        let harness = try ConnectionHarness()
        harness.receive("GET /a HTTP/1.1\r\nHost: a\r\nX-A: " + String(repeating: "x", count: 3000))
        #expect(harness.freedByteCount == 0, "it is still in use")
        harness.receive("\r\n\r\n")
        #expect(harness.freedByteCount >= 3000)
    }

    @Test("but not of requests that use none")
    func none() throws {
        let harness = try ConnectionHarness()
        harness.receive(Requests.get("/a") + Requests.post("/b", "body"))
        #expect(harness.freedByteCount == 0)
    }
}
