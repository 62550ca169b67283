import HyperServe
import Testing

/// What RFC 9112 says a server MUST do with a request, from the first byte on the wire to the last. What it must refuse
/// is in the tables of the parser, row by row; here each such rule is met once more by a whole server.
@Suite("Duties of a server")
struct ServerDutyTests {
    /// A client's bytes, and what comes back until the connection ends.
    struct Duty: Sendable, CustomTestStringConvertible {
        let section: String
        let duty: String
        let bytes: String
        let statuses: [Int]
        /// What the answers must hold, and what they must not.
        var holds: [String] = []
        var lacks: [String] = []

        init(
            _ section: String, _ duty: String, _ bytes: String, _ statuses: [Int], holds: [String] = [],
            lacks: [String] = []
        ) {
            self.section = section
            self.duty = duty
            self.bytes = bytes
            self.statuses = statuses
            self.holds = holds
            self.lacks = lacks
        }

        var testDescription: String { "RFC 9112 \(section): \(duty)" }
    }

    private static let close = ["Connection: close\r\n"]
    private static let next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

    private static func get(_ path: String, _ fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: a\r\n\(fields)\r\n"
    }

    private static func post(_ fields: String, _ body: String) -> String {
        "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
    }

    private static let messages: [Duty] = [
        Duty("2.2", "octets, not characters", get("/", "A: \u{E9}\u{20AC}\r\n") + next, [200, 200]),
        Duty("2.2", "an empty line before the request is skipped", "\r\n" + next, [200]),
        Duty("2.2", "bare CR is invalid", get("/", "A: b\rc\r\n") + next, [400], holds: close),
        Duty("2.2", "white space before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n" + next, [400]),
        Duty("2.3", "its own version is sent", "GET / HTTP/1.0\r\n\r\n", [200], holds: ["HTTP/1.1 200 OK\r\n"]),
        Duty("2.3", "an unknown version gets 505", "GET / HTTP/2.0\r\nHost: a\r\n\r\n" + next, [505], holds: close),
        Duty("2.3", "the preface of HTTP/2 too", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505], holds: close),
        Duty("2.3", "before the method is judged", "FOO / HTTP/9.9\r\nHost: a\r\n\r\n" + next, [505], holds: close),
        Duty("3", "an unknown method gets 501", "FOO / HTTP/1.1\r\nHost: a\r\n\r\n" + next, [501], holds: close),
        Duty("3", "but not in a malformed line", "FOO /\\ HTTP/1.1\r\nHost: a\r\n\r\n" + next, [400], holds: close),
        Duty("3.2", "a backslash may stand in a query", get("/query?q=C:\\tmp"), [200], holds: ["q=C:\\tmp|C:\\tmp"]),
        Duty("3.2", "and not in a path", get("/C:\\tmp") + next, [400], holds: close),
        Duty("3", "a target that is too long is told 414", get("/" + String(repeating: "a", count: 9000)), [414]),
        Duty("3.2", "no Host is told 400", "GET / HTTP/1.1\r\n\r\n" + next, [400], holds: close),
        Duty("3.2", "an empty Host gets 400", "GET / HTTP/1.1\r\nHost:\r\n\r\n" + next, [400], holds: close),
        Duty("3.2", "two Hosts are told 400", get("/", "Host: a\r\n") + next, [400], holds: close),
        Duty("3.2", "a malformed Host is told 400", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n" + next, [400], holds: close),
        Duty("3.2.2", "absolute-form is taken", "GET http://a/next HTTP/1.1\r\nHost: a\r\n\r\n", [200]),
        Duty(
            "3.2.2", "its host goes before Host", "GET http://b.example/ HTTP/1.1\r\nHost: a\r\n\r\n", [200],
            holds: ["from b"]),
        Duty("3.2.4", "an asterisk asks about the server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", [204]),
        Duty("4", "the space stands before no reason too", get("/299"), [299], holds: ["HTTP/1.1 299 \r\n"]),
        Duty("5.1", "a space before the colon is told 400", get("/", "A : b\r\n") + next, [400], holds: close),
        Duty("5.2", "a folded line is told 400", get("/", "A: b\r\n c\r\n") + next, [400], holds: close),
    ]

    private static let bodies: [Duty] = [
        Duty(
            "6.1", "chunks are parsed", post("Transfer-Encoding: chunked", "2\r\nab\r\n0\r\n\r\n") + next, [200, 200],
            holds: ["ab"]),
        Duty("6.1", "no coding in a 204", get("/204") + next, [204, 200], lacks: ["Transfer-Encoding"]),
        Duty(
            "6.1", "no coding for HTTP/1.0", "GET /stream HTTP/1.0\r\n\r\n", [200], holds: ["stream"],
            lacks: ["Transfer-Encoding"]),
        Duty(
            "6.1", "an unknown coding is told 501", post("Transfer-Encoding: x, chunked", "") + next, [501],
            holds: close),
        Duty(
            "6.1", "a coding in HTTP/1.0 is faulty framing",
            "POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + next,
            [400],
            holds: close),
        Duty(
            "6.1", "a coding and a length end the connection",
            post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n") + next, [400], holds: close),
        Duty("6.2", "no length in a 204", get("/204"), [204], lacks: ["Content-Length"]),
        Duty(
            "6.3", "chunked must be the last coding", post("Transfer-Encoding: chunked, x", "") + next, [400],
            holds: close),
        Duty("6.3", "an invalid length is told 400", post("Content-Length: +2", "ab") + next, [400], holds: close),
        Duty("6.3", "a body that ends early is incomplete", post("Content-Length: 5", "ab"), [], lacks: ["ab"]),
        Duty("6.3", "without length or coding there is no body", post("A: b", "") + next, [200, 200]),
        Duty(
            "7.1", "unknown extensions are ignored",
            post("Transfer-Encoding: chunked", "2;a=b;c=\"d\"\r\nab\r\n0;e\r\n\r\n") + next, [200, 200], holds: ["ab"]),
        Duty(
            "7.1", "a size beyond every number is told 400",
            post("Transfer-Encoding: chunked", "FFFFFFFFFFFFFFFFF\r\n") + next, [400], holds: close),
        Duty(
            "7.1.2", "trailers are no header fields",
            "POST /header HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: b\r\n\r\n"
                + next,
            [200, 200], holds: ["none"]),
        Duty("8", "chunks without the last are incomplete", post("Transfer-Encoding: chunked", "2\r\nab\r\n"), []),
    ]

    private static let connections: [Duty] = [
        Duty("9.3", "HTTP/1.0 ends after the answer", "GET / HTTP/1.0\r\n\r\n" + next, [200], holds: close),
        Duty(
            "9.3", "a body that nobody reads is read before the next request",
            post("Content-Length: 2", "ab")
                .replacingPath("/next") + next, [405, 200]),
        Duty("9.3.2", "answers come in the order of requests", get("/299") + get("/204") + next, [299, 204, 200]),
        Duty("9.6", "nothing behind a close is processed", next + next, [200], holds: close),
        Duty("9.6", "close among other options", get("/", "Connection: x, Close\r\n") + next, [200], holds: close),
        Duty("9.6", "a server that says close does not go on", get("/missing") + "BAD\r\n\r\n" + next, [404, 400]),
    ]

    private static func routes() -> Router {
        var router = Router()
        router.get("/") { _ in .text("ok") }
        router.get("/next") { _ in .text("next") }
        router.get("/query") { request in .text("\(request.query.string)|\(request.query["q"] ?? "")") }
        router.get("/299") { _ in .text("odd", status: Status(299)) }
        router.get("/204") { _ in Response(status: .noContent) }
        router.get("/stream") { _ in .stream { writer in try await writer.write("stream") } }
        router.post("/echo") { request in .bytes(request.body.bytes) }
        router.post("/header") { request in .text(request.headers["X-Late"] ?? "none") }
        router.host("b.example") { $0.get("/") { _ in .text("from b") } }
        return router
    }

    @Test("are done", arguments: DriverKind.allCases)
    func duties(driver: DriverKind) async throws {
        try await withServer(driver, Self.routes()) { port in
            for duty in Self.messages + Self.bodies + Self.connections {
                let client = RawClient(port: port)
                try client.send(duty.bytes)
                client.finish()
                let answer = String(decoding: try client.readToEnd(), as: UTF8.self)
                let statuses = answer.split(separator: "HTTP/1.1 ").compactMap { Int($0.prefix(3)) }
                #expect(statuses == duty.statuses, "\(duty.testDescription)")
                for text in duty.holds { #expect(answer.contains(text), "\(duty.testDescription)") }
                for text in duty.lacks { #expect(!answer.contains(text), "\(duty.testDescription)") }
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
