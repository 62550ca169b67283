import HTTP1
import HTTPCore
import Testing

@testable import Reactor

/// The plan for a body and the outcome of `respond` are independent: every pair must work with every framing, whether
/// the body has arrived or not.
@Suite("Each use of a body with each outcome")
struct PlanOutcomeTests {
    /// A body's framing, and whether the connection can continue if the body is not read.
    struct Framing: Sendable, CustomTestStringConvertible {
        let head: String
        let body: String
        var goesOnUnread = true
        var testDescription: String { head.isEmpty ? "no body" : "\(head) \(body.utf8.count)" }

        static let all = [
            Framing(head: "", body: ""),
            Framing(head: "Content-Length: 0\r\n", body: ""),
            Framing(head: "Content-Length: 5\r\n", body: "hello"),
            Framing(head: "Content-Length: 50\r\n", body: String(repeating: "x", count: 50)),
            Framing(head: "Content-Length: 51\r\n", body: String(repeating: "x", count: 51), goesOnUnread: false),
            Framing(head: "Transfer-Encoding: chunked\r\n", body: "5\r\nhello\r\n0\r\n\r\n"),
            Framing(
                head: "Expect: 100-continue\r\nContent-Length: 5\r\n", body: "hello", goesOnUnread: false),
        ]
    }

    /// The outcome of a request; see `ScriptedApplication`.
    struct Outcome: Sendable, CustomTestStringConvertible {
        let path: String
        let isLater: Bool
        let usesBody: Bool
        var testDescription: String { path }

        static let all = [
            Outcome(path: "/early", isLater: false, usesBody: false),
            Outcome(path: "/early/later", isLater: true, usesBody: false),
            Outcome(path: "/collected", isLater: false, usesBody: true),
            Outcome(path: "/later", isLater: true, usesBody: true),
            Outcome(path: "/stream", isLater: true, usesBody: false),
            Outcome(path: "/stream/inline", isLater: false, usesBody: false),
        ]
    }

    /// When the body arrives.
    enum Arrival: CaseIterable {
        case withHead, afterHead, afterResponse, byteByByte
    }

    private static func harness() throws -> ConnectionHarness {
        var configuration = ConnectionConfiguration()
        configuration.buffers.maximumDiscardedByteCount = 50
        return try ConnectionHarness(configuration)
    }

    /// Sends the response of the handler that was called, if one was.
    private static func respond(_ harness: ConnectionHarness, _ outcome: Outcome) {
        guard outcome.isLater, let exchange = harness.exchange else { return }
        harness.resume("later\n", keepsAlive: exchange.remainingBody == .short)
    }

    @Test(
        "sends the response once, and reads the next request or ends the connection",
        arguments: Outcome.all, Framing.all)
    func pairs(outcome: Outcome, framing: Framing) throws {
        for arrival in Arrival.allCases {
            // With a collected body, the response needs all of it.
            if arrival == .afterResponse, outcome.usesBody { continue }
            let harness = try Self.harness()
            let head = "POST \(outcome.path) HTTP/1.1\r\nHost: a\r\n\(framing.head)\r\n"
            switch arrival {
            case .withHead:
                harness.receive(head + framing.body)
                Self.respond(harness, outcome)
            case .afterHead:
                harness.receive(head)
                if !framing.body.isEmpty, harness.isReceiving { harness.receive(framing.body) }
                Self.respond(harness, outcome)
            case .afterResponse:
                harness.receive(head)
                Self.respond(harness, outcome)
                if !framing.body.isEmpty, harness.isReceiving { harness.receive(framing.body) }
            case .byteByByte:
                for byte in (head + framing.body).utf8 where harness.isReceiving { harness.receive([byte]) }
                Self.respond(harness, outcome)
            }
            harness.completeSends()
            let text = harness.output.replacing("HTTP/1.1 100 Continue\r\n\r\n", with: "")
            let expected = outcome.isLater ? "later\n" : "POST \(outcome.path) "
            #expect(text.hasPrefix(expected) && text.utf8.count { $0 == 10 } == 1, "\(arrival): \(text)")

            let isOver = harness.isClosed || harness.actions.contains(.shutdownWriting)
            if isOver {
                #expect(!outcome.usesBody && !framing.goesOnUnread || outcome.path.hasPrefix("/stream"), "\(arrival)")
            } else {
                harness.receive(Requests.get("/next"))
                harness.completeSends()
                #expect(harness.output.hasSuffix("GET /next keep\n"), "\(arrival): \(harness.output)")
            }
        }
    }

    @Test("holds back a long unread body until the response", arguments: [false, true])
    func backPressure(isChunked: Bool) throws {
        var configuration = ConnectionConfiguration()
        configuration.buffers.streamHighWaterByteCount = 100
        let harness = try ConnectionHarness(configuration)
        let framing = isChunked ? "Transfer-Encoding: chunked\r\n\r\n186a0\r\n" : "Content-Length: 100000\r\n\r\n"
        harness.receive("POST /early/later HTTP/1.1\r\nHost: a\r\n\(framing)")
        for _ in 0..<20 where harness.isReceiving && harness.actions.last != .stopReceiving {
            harness.receive(String(repeating: "x", count: 30))
        }
        #expect(harness.actions.last == .stopReceiving)
        #expect(try #require(harness.exchange).bodyBytes.count < 200)
        harness.resume("later\n", keepsAlive: harness.exchange?.remainingBody == .short)
        harness.completeSends()
        #expect(harness.output == "later\n")
    }

    @Test("refuses a malformed unread body in place of the response")
    func malformed() throws {
        let harness = try Self.harness()
        harness.receive("POST /early/later HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        let exchange = try #require(harness.exchange)
        harness.receive("x\r\n")
        harness.resume("later\n")
        harness.completeSends()
        #expect(harness.statusCodes == [400] && !harness.output.contains("later"))
        #expect(exchange.takeReplacement() == 400)
    }
}
