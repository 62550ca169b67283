import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import TestSupport
import Testing

@Suite("The access log", .timeLimit(.minutes(20)))
struct AccessLogTests {
    /// The lines that a log has written.
    private final class Lines: Sendable {
        private let bytes = Mutex<[UInt8]>([])

        func add(_ lines: [UInt8]) { bytes.withLock { $0 += lines } }

        var all: [String] {
            String(decoding: bytes.withLock { $0 }, as: UTF8.self).split(separator: "\n").map(String.init)
        }
    }

    /// Sends requests to an application with a log, and returns the lines.
    private static func log(
        _ format: AccessLog.Format, _ requests: (TestClient) async throws -> Void
    ) async throws -> [String] {
        let lines = Lines()
        let log = AccessLog(format) { lines.add($0) }
        var router = Router()
        router.use(log)
        router.use(BearerAuth { token in token == "none" ? nil : token })
        router.get("/hello/{name}") { _ in .text("hello") }
        router.get("/blocking", .blocking) { _ in .text("hello") }
        router.get("/async") { _ async in .text("hello") }
        router.get("/stream") { _ in .stream { try await $0.write("hello") } }
        router.get("/throws") { _ in throw CancellationError() }
        try await requests(TestClient(router: router))
        #expect(log.flush(within: .seconds(600)) == 0)
        return lines.all
    }

    @Test(
        "has a line for each response",
        arguments: [
            ("/hello/Ada?a=1", "200 5"), ("/blocking", "200 5"), ("/async", "200 5"), ("/stream", "200 5"),
            ("/throws", "500 0"), ("/nowhere", "404 10"),
        ])
    func common(target: String, end: String) async throws {
        let lines = try await AccessLogTests.log(.common) { client in
            _ = try await client.get(target, headers: ["Authorization": "Bearer ada"])
        }
        #expect(lines.count == 1)
        let line = try #require(lines.first)
        let pattern =
            /127\.0\.0\.1 - ada \[\d\d\/[A-Z][a-z][a-z]\/\d{4}:\d\d:\d\d:\d\d \+0000\] "GET (\S+) HTTP\/1\.1" (.*)/
        let match = try #require(try pattern.wholeMatch(in: line), "\(line)")
        #expect(match.1 == target)
        #expect(match.2 == end)
    }

    @Test("has Referer and User-Agent in the combined format")
    func combined() async throws {
        let lines = try await AccessLogTests.log(.combined) { client in
            _ = try await client.get("/hello/Ada", headers: ["Referer": "http://a/b", "User-Agent": "test/1"])
            _ = try await client.get("/hello/Ada")
        }
        #expect(lines.first?.hasSuffix(#" 401 13 "http://a/b" "test/1""#) == true)
        #expect(lines.last?.hasSuffix(#" 401 13 "-" "-""#) == true)
    }

    @Test("has one object per line in JSON")
    func json() async throws {
        let lines = try await AccessLogTests.log(.json) { client in
            _ = try await client.get("/hello/Ada", headers: ["Authorization": "Bearer ada", "User-Agent": "a\"b\\c"])
        }
        struct Line: Decodable {
            let time: String
            let client: String
            let principal: String
            let method: String
            let target: String
            let status: Int
            let bytes: Int
            let durationMicroseconds: Int
            let route: String
            let userAgent: String
        }
        let line = try JSON.decode(Line.self, from: Array(try #require(lines.first).utf8))
        #expect(line.time.count == 20 && line.time.hasSuffix("Z"))
        #expect(line.client == "127.0.0.1" && line.principal == "ada" && line.method == "GET")
        #expect(line.target == "/hello/Ada" && line.status == 200 && line.bytes == 5)
        #expect(line.route == "/hello/{name}" && line.userAgent == "a\"b\\c")
    }

    @Test("has one line per request, with all its fields, whatever the client sends", arguments: [false, true])
    func injection(isJSON: Bool) async throws {
        // Quotation marks, bytes that are no UTF-8, and a line separator; the parser lets no line break through.
        let agents = [
            "\" 200 \"", "\\\"", "a\u{85}b\u{2028}\u{2029}\"\\", "\u{9B}2J\u{202E}\u{E9}", "\u{1F600}", "x\t\ty",
            "a\u{61C}b", "a\u{200E}b", "a\u{200F}b",
        ]
        let lines = try await AccessLogTests.log(isJSON ? .json : .combined) { client in
            for agent in agents {
                _ = try await client.get("/%0a%0d%22", headers: ["User-Agent": agent, "Referer": agent])
            }
        }
        #expect(lines.count == agents.count)
        for line in lines {
            if isJSON {
                let members = try JSON.decode(Fields.self, from: Array(line.utf8))
                #expect(members.target == "/%0a%0d%22" && agents.contains(members.userAgent))
                #expect(
                    line.unicodeScalars.allSatisfy { scalar in
                        switch scalar.value {
                        case 0..<0x20, 0x7F...0x9F, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: false
                        default: true
                        }
                    }, "\(line.debugDescription)")
            } else {
                #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
                // Three quoted fields, and no quotation mark within them that is not escaped.
                let bare = line.replacing("\\\\", with: "").replacing("\\\"", with: "")
                #expect(bare.utf8.count { $0 == UInt8(ascii: "\"") } == 6, "\(line)")
            }
        }
    }

    private struct Fields: Decodable {
        let target: String
        let userAgent: String
    }

    @Test("never waits for the writer: lines that do not fit are dropped and counted")
    func overload() async throws {
        let isBlocked = Mutex(())
        let lines = Lines()
        let log = AccessLog(.combined) { part in
            isBlocked.withLock { _ in lines.add(part) }
        }
        var router = Router()
        router.use(log)
        router.get("/") { _ in .text("") }
        let client = try TestClient(router: router)
        let count = 3000
        let held = Gate()
        let holder = inBackground {
            isBlocked.withLock { _ in
                held.enter()
                held.waitForEnd()
            }
        }
        held.waitForEntry()
        let agent = String(repeating: "a", count: 2000)
        for _ in 0..<count { _ = try await client.get("/", headers: ["User-Agent": agent]) }
        #expect(log.droppedLineCount > 0)
        held.end()
        holder.wait()
        #expect(log.flush(within: .seconds(600)) == 0)
        #expect(lines.all.count + log.droppedLineCount == count)
    }

    /// Holds a thread until the test releases it.
    private final class Gate: Sendable {
        private let isEntered = Atomic<Bool>(false)
        private let isOver = Atomic<Bool>(false)

        func enter() { isEntered.store(true, ordering: .releasing) }
        func end() { isOver.store(true, ordering: .releasing) }
        func waitForEntry() { while !isEntered.load(ordering: .acquiring) { usleep(100) } }
        func waitForEnd() { while !isOver.load(ordering: .acquiring) { usleep(50_000) } }
    }
}
