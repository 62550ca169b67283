import TestSupport
import Testing

@testable import Reactor

/// A differential test of the state machine: how the network splits the bytes must not affect the responses.
@Suite("Responses are the same however the bytes are split")
struct SplitTests {
    static let scripts: [String] = [
        Requests.get("/a"),
        Requests.get("/a") + Requests.get("/b") + Requests.get("/c"),
        "\r\n" + Requests.get("/a") + "\r\n\r\n" + Requests.get("/b"),
        Requests.post("/a", "hello") + Requests.get("/b"),
        Requests.post("/a", chunks: ["hel", "lo ", "world"]) + Requests.get("/b"),
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n"
            + Requests.get("/b"),
        Requests.post("/early", "unwanted") + Requests.get("/b"),
        Requests.post("/early", chunks: ["un", "wanted"]) + Requests.get("/b"),
        Requests.post("/early", "x") + Requests.post("/early", "") + Requests.post("/c", "y"),
        Requests.get("/a", "Connection: close") + Requests.get("/b"),
        Requests.get("/close") + Requests.get("/b"),
        "GET /a HTTP/1.0\r\n\r\n",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + Requests.get("/b"),
        Requests.get("/a") + "BAD REQUEST\r\n\r\n" + Requests.get("/b"),
        Requests.get("/a") + "NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n",
        Requests.get("/a") + "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n",
        Requests.post("/a", String(repeating: "x", count: 1000)) + Requests.get("/b"),
        Requests.post("/a", String(repeating: "x", count: 1001)) + Requests.get("/b"),
        Requests.post("/a", chunks: [String(repeating: "x", count: 600), String(repeating: "y", count: 401)]),
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
        Requests.get("/a") + "GET /incomplete HTTP/1.1\r\nHo",
        Requests.get("/a") + "POST /incomplete HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhel",
    ]

    @Test("In two pieces, split at every byte", arguments: scripts.indices)
    func everySplit(index: Int) throws {
        let script = Array(Self.scripts[index].utf8)
        let expected = try run([script])
        for position in 1..<script.count {
            let actual = try run([Array(script[..<position]), Array(script[position...])])
            #expect(actual == expected, "split at \(position)")
        }
    }

    @Test("Byte by byte", arguments: scripts.indices)
    func byteByByte(index: Int) throws {
        let script = Array(Self.scripts[index].utf8)
        #expect(try run(script.map { [$0] }) == run([script]))
    }

    @Test("In random pieces, with sends that complete late and short", arguments: scripts.indices)
    func randomPieces(index: Int) throws {
        let script = Array(Self.scripts[index].utf8)
        let expected = try run([script])
        var random = SeededGenerator(seed: UInt64(index))
        for _ in 0..<100 {
            let harness = try ConnectionHarness()
            var rest = script[...]
            while !rest.isEmpty, harness.isReceiving {
                if harness.isSending, Bool.random(using: &random) {
                    harness.completeSend(Int.random(in: 1...40, using: &random))
                } else {
                    let count = Int.random(in: 1...min(rest.count, 60), using: &random)
                    harness.receive(Array(rest.prefix(count)))
                    rest = rest.dropFirst(count)
                }
            }
            #expect(finish(harness) == expected)
        }
    }

    /// Returns what a new connection sends when it receives these pieces and then FIN.
    private func run(_ pieces: [[UInt8]]) throws -> String {
        let harness = try ConnectionHarness()
        for piece in pieces where harness.isReceiving {
            harness.receive(piece)
            harness.completeSends()
            if harness.actions.last == .shutdown { break }
        }
        return finish(harness)
    }

    private func finish(_ harness: ConnectionHarness) -> String {
        harness.completeSends()
        if harness.isReceiving { harness.endReceive() }
        if !harness.isClosed { harness.completeSends() }
        #expect(harness.isClosed, "the connection ends after the client's FIN")
        return harness.output
    }
}
