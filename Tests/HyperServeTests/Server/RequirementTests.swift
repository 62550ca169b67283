import HyperServe
import Testing

/// The MUST requirements of RFC 9112 for servers, tested on a complete server. The tests of the parser cover all
/// requests that must be rejected; here is one for each such requirement.
@Suite("Requirements of RFC 9112")
struct RequirementTests {
    /// A client's bytes, and what comes back until the connection ends.
    struct Rule: Sendable, CustomTestStringConvertible {
        let section: String
        let rule: String
        let bytes: String
        let statuses: [Int]
        /// Text that the responses must contain, and text that they must not.
        var holds: [String] = []
        var lacks: [String] = []

        init(
            _ section: String, _ rule: String, _ bytes: String, _ statuses: [Int], holds: [String] = [],
            lacks: [String] = []
        ) {
            self.section = section
            self.rule = rule
            self.bytes = bytes
            self.statuses = statuses
            self.holds = holds
            self.lacks = lacks
        }

        var testDescription: String { "RFC 9112 \(section): \(rule)" }
    }

    private static let close = ["Connection: close\r\n"]
    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    private static func post(_ fields: String, _ body: String) -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    private static let messages: [Rule] = [
        Rule("2.2", "octets, not characters", get("/", "A: \u{E9}\u{20AC}\r\n") + next, [200, 200]),
        Rule("2.2", "an empty line before the request is skipped", "\r\n" + next, [200]),
        Rule("2.2", "bare CR is invalid", get("/", "A: b\rc\r\n") + next, [400], holds: close),
        Rule("2.2", "white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n" + next, [400]),
        Rule("2.3", "its own version is sent", "GET / HTTP/1.0\r\n\r\n", [200], holds: ["HTTP/1.1 200 OK\r\n"]),
        Rule("2.3", "an unknown version gets 505", "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + next, [505], holds: close),
        Rule("2.3", "the preface of HTTP/2 too", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], holds: close),
        Rule("2.3", "before the method is checked", "FOO / HTTP/9.9\r\nHost: a\r\n\r\n" + next, [505], holds: close),
        Rule("3", "an unknown method gets 501", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n" + next, [501, 200]),
        Rule("3", "also with a target of its own", "FOO * HTTP/1.1\r\nHost: a\r\n\r\n" + next, [501], holds: close),
        Rule("3", "but not in a malformed line", "FOO /\\ HTTP/1.1\r\nHost: a\r\n\r\n" + next, [400], holds: close),
        Rule("3.2", "a backslash may be in a query", get("/query?q=C:\\tmp"), [200], holds: ["q=C:\\tmp|C:\\tmp"]),
        Rule("3.2", "and not in a path", get("/C:\\tmp") + next, [400], holds: close),
        Rule("3", "a target that is too long gets 414", get("/" + String(repeating: "a", count: 9000)), [414]),
        Rule("3.2", "no Host gets 400", "GET / HTTP/1.1\r\n\r\n" + next, [400], holds: close),
        Rule("3.2", "an empty Host gets 400", "GET / HTTP/1.1\r\nHost:\r\n\r\n" + next, [400], holds: close),
        Rule("3.2", "two Hosts get 400", get("/", "Host: a\r\n") + next, [400], holds: close),
        Rule("3.2", "a malformed Host gets 400", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + next, [400], holds: close),
        Rule("3.2.2", "absolute-form is accepted", "GET http://a/next HTTP/1.1\r\nHost: a\r\n\r\n", [200]),
        Rule(
            "3.2.2", "its host takes precedence over Host", "GET http://b.example/ HTTP/1.1\r\nHost: a\r\n\r\n", [200],
            holds: ["from b"]),
        Rule("3.2.4", "an asterisk asks about the server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [204]),
        Rule("4", "the space is sent without a reason too", get("/299"), [299], holds: ["HTTP/1.1 299 \r\n"]),
        Rule("5.1", "a space before the colon gets 400", get("/", "A : b\r\n") + next, [400], holds: close),
        Rule("5.2", "a folded line gets 400", get("/", "A: b\r\n c\r\n") + next, [400], holds: close),
    ]

    private static let bodies: [Rule] = [
        Rule(
            "6.1", "chunks are parsed", post("Transfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n") + next, [200, 200],
            holds: ["ab"]),
        Rule("6.1", "no coding in a 204", get("/204") + next, [204, 200], lacks: ["Transfer-Encoding"]),
        Rule(
            "6.1", "no coding for HTTP/1.0", "GET /stream HTTP/1.0\r\n\r\n", [200], holds: ["stream"],
            lacks: ["Transfer-Encoding"]),
        Rule(
            "6.1", "an unknown coding gets 501", post("Transfer-Encoding: x, chunked", "") + next, [501],
            holds: close),
        Rule(
            "6.1", "a coding in HTTP/1.0 is faulty framing",
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
            [400],
            holds: close),
        Rule(
            "6.1", "a coding and a length end the connection",
            post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n") + next, [400], holds: close),
        Rule("6.2", "no length in a 204", get("/204"), [204], lacks: ["Content-Length"]),
        Rule(
            "6.3", "chunked must be the last coding", post("Transfer-Encoding: chunked, x", "") + next, [400],
            holds: close),
        Rule("6.3", "an invalid length gets 400", post("Content-Length: +2", "ab") + next, [400], holds: close),
        Rule("6.3", "a body that ends early is incomplete", post("Content-Length: 5", "ab"), [], lacks: ["ab"]),
        Rule("6.3", "without length or coding there is no body", post("A: b", "") + next, [200, 200]),
        Rule(
            "7.1", "unknown extensions are ignored",
            post("Transfer-Encoding: chunked", "2;a=b;c=\"d\"\r\nab\r\n0;e\r\n\r\n") + next, [200, 200], holds: ["ab"]),
        Rule(
            "7.1", "a size that overflows gets 400",
            post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFF\r\n") + next, [400], holds: close),
        Rule(
            "7.1.2", "trailers are not header fields",
            "POST /header HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: b\r\n\r\n"
                + next,
            [200, 200], holds: ["none"]),
        Rule("8", "chunks without the last are incomplete", post("Transfer-Encoding: chunked", "2\r\nab\r\n"), []),
    ]

    private static let connections: [Rule] = [
        Rule("9.3", "HTTP/1.0 ends after the response", "GET / HTTP/1.0\r\n\r\n" + next, [200], holds: close),
        Rule(
            "9.3", "an unread body is read before the next request",
            post("Content-Length: 2", "ab")
                .replacingPath("/next") + next, [405, 200]),
        Rule("9.3.2", "responses are in the order of requests", get("/299") + get("/204") + next, [299, 204, 200]),
        Rule("9.6", "nothing after a close is processed", next + next, [200], holds: close),
        Rule("9.6", "close among other options", get("/", "Connection: x, Close\r\n") + next, [200], holds: close),
        Rule("9.6", "a server that sends close does not go on", get("/missing") + "BAD\r\n\r\n" + next, [404, 400]),
    ]

    private static func routes() -> Router {
        var router = Router()
        router.get("/") { _ in .text("ok") }
        router.get("/next") { _ in .text("next") }
        router.get("/query") { request in .text("\(request.query.string)|\(request.query["q"] ?? "")") }
        router.get("/299") { _ in .text("odd", status: Status(299)!) }
        router.get("/204") { _ in Response(status: .noContent) }
        router.get("/stream") { _ in .stream { writer in try await writer.write("stream") } }
        router.post("/echo") { request in .bytes(request.body.bytes) }
        router.post("/header") { request in .text(request.headers["X-Late"] ?? "none") }
        router.host("b.example") { $0.get("/") { _ in .text("from b") } }
        return router
    }

    @Test("are met", arguments: DriverKind.allCases)
    func rules(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            for rule in Self.messages + Self.bodies + Self.connections {
                let client = RawClient(port: port)
                try client.send(rule.bytes)
                client.finish()
                let response = String(decoding: try client.readToEnd(), as: UTF8.self)
                let statuses = response.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
                #expect(statuses == rule.statuses, "\(rule.testDescription)")
                for text in rule.holds { #expect(response.contains(text), "\(rule.testDescription)") }
                for text in rule.lacks { #expect(!response.contains(text), "\(rule.testDescription)") }
            }
        }
    }
}

extension String {
    /// A request for another path.
    fileprivate func replacingPath(_ path: String) -> String {
        let parts = split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        return "\(parts[0]) \(path) \(parts[2])"
    }
}
