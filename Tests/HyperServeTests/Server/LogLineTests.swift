import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import Testing

@Suite("The server's log", .timeLimit(.minutes(20)))
struct LogLineTests {
    private struct Report: Error, CustomStringConvertible {
        let description: String
    }

    private struct Body: Decodable {
        var text: String
    }

    private static func router() -> Router {
        var router = Router()
        router.post("/") { request in throw Report(description: try request.decode(json: Body.self).text) }
        router.post("/async") { request async throws in
            throw Report(description: try request.decode(json: Body.self).text)
        }
        router.get("/header") { request in throw Report(description: request.query["q"]!) }
        router.get("/broken") { request in
            let text = request.query["q"]!
            return .stream { _ in throw Report(description: text) }
        }
        router.get("/broken-blocking", .blocking) { request in
            let text = request.query["q"]!
            return .blockingStream { _ in throw Report(description: text) }
        }
        return router
    }

    /// What may end a line in a terminal, a pager, a log viewer or a program, or change how one is shown.
    private static let hostile: [(json: String, encoded: String)] = [
        ("a\\nb", "a%0Ab"), ("a\\r\\nb", "a%0D%0Ab"), ("a\\rb", "a%0Db"), ("a\\u0085b", "a%C2%85b"),
        ("a\\u2028b", "a%E2%80%A8b"), ("a\\u2029b", "a%E2%80%A9b"), ("a\\u000Bb", "a%0Bb"), ("a\\u000Cb", "a%0Cb"),
        ("a\\u0000b", "a%00b"), ("a\\u001B[2Jb", "a%1B%5B2Jb"), ("a\\u009B2Jb", "a%C2%9B2Jb"), ("a\\u007Fb", "a%7Fb"),
        ("a\\u001Eb", "a%1Eb"), ("a\\u061Cb", "a%D8%9Cb"), ("a\\u200Eb", "a%E2%80%8Eb"), ("a\\u200Fb", "a%E2%80%8Fb"),
        ("a\\u202Eb", "a%E2%80%AEb"), ("a\\u2066b", "a%E2%81%A6b"),
    ]

    private static func isSafe(_ line: String) -> Bool {
        line.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
    }

    @Test("has one line for each report, whatever a client sent", arguments: hostile)
    func oneLine(text: (json: String, encoded: String)) async throws {
        let lines = Mutex<[String]>([])
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { entry in lines.withLock { $0.append("\(entry)") } }
        let client = try TestClient(router: Self.router(), configuration: configuration)
        for path in ["/", "/async"] {
            let headers: HeaderFields = ["Content-Type": "application/json"]
            let response = try await client.post(path, headers: headers, body: "{\"text\":\"\(text.json)\"}")
            #expect(response.status == .internalServerError)
        }
        #expect(try await client.get("/header?q=\(text.encoded)").status == .internalServerError)
        _ = try? await client.get("/broken?q=\(text.encoded)")
        _ = try? await client.get("/broken-blocking?q=\(text.encoded)")
        let all = lines.withLock { $0 }
        #expect(all.count == 5)
        for line in all {
            #expect(Self.isSafe(line), "\(line.debugDescription)")
            #expect(
                line.contains(" error=\"a") && line.hasSuffix(" status=500") || line.contains("aborted"),
                "\(line.debugDescription)")
        }
    }

    @Test(
        "counts the lines that were left out, also when no more requests are rejected", arguments: DriverKind.allCases)
    func suppressed(driver: DriverKind) async throws {
        let lines = Mutex<[String]>([])
        let requestCount = 100
        @Sendable func count() -> Int {
            lines.withLock { lines in
                lines.reduce(0) { count, line in
                    let isSummary = line.hasSuffix(" more lines like these were left out")
                    return count + (isSummary ? Int(line.dropFirst("info: ".count).prefix { $0.isNumber }) ?? 0 : 1)
                }
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { entry in lines.withLock { $0.append("\(entry)") } }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            try Self.sendNonsense(requestCount, to: port)
            for _ in 0..<500 where count() < requestCount { usleep(20_000) }
            #expect(count() == requestCount, "while the server runs")
            try Self.sendNonsense(requestCount, to: port)
        }
        #expect(count() == 2 * requestCount, "and once it has stopped")
        #expect(lines.withLock { $0.contains { $0.hasSuffix(" more lines like these were left out") } })
    }

    /// All at once: more than are reported in a second, however slow the machine.
    private static func sendNonsense(_ count: Int, to port: Int) throws {
        let clients = (0..<count).map { _ in RawClient(port: port) }
        for client in clients { try client.send("NONSENSE\r\n\r\n") }
        for client in clients { #expect(try client.readResponse().status == 400) }
    }

    @Test("has no line that is longer than what a pipe takes in one piece")
    func length() async throws {
        let lines = Mutex<[String]>([])
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { entry in lines.withLock { $0.append("\(entry)") } }
        let client = try TestClient(router: Self.router(), configuration: configuration)
        for text in ["a", "\u{E9}", "\u{1F600}", "\\n"] {
            let long = String(repeating: text, count: 20_000)
            _ = try await client.post(
                "/", headers: ["Content-Type": "application/json"], body: "{\"text\":\"\(long)\"}")
        }
        let all = lines.withLock { $0 }
        #expect(all.count == 4)
        for line in all {
            #expect(line.utf8.count < 4096 && line.utf8.count > 990)
            #expect(line.hasPrefix("error: a handler or middleware threw an error error=\"") && line.contains("...\" "))
        }
    }
}
