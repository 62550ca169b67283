import HTTPCore
import Testing

@testable import Reactor

@Suite("A log entry")
struct LogEntryTests {
    private struct Broken: Error, CustomStringConvertible {
        let description: String
    }

    @Test("is one line: level, message, error, the request's values, and the fields in order")
    func line() {
        var entry = LogEntry(
            .error, "it failed", error: Broken(description: "a b"), fields: ["b": "2", "a": ["x", "y"], "path": "/a"])
        entry.requestID = "id"
        entry.method = .get
        entry.routePattern = "/notes/{id}"
        entry.peer = SocketAddress("127.0.0.1:80")
        #expect(
            "\(entry)" == #"error: it failed error="a b" requestID=id method=GET route=/notes/{id} "#
                + #"peer=127.0.0.1:80 a="[x, y]" b=2 path=/a"#)
        #expect("\(LogEntry(.info, "hello"))" == "info: hello")
    }

    @Test(
        "keeps keys, values and messages apart, whatever they contain",
        arguments: [
            ("a\nerror: b", #""a\nerror: b""#), ("a level=critical", #""a level=critical""#),
            (#"a" b="c"#, #""a\" b=\"c""#),
            (#"a\" b"#, #""a\\\" b""#), ("", #""""#), ("a\r\u{1B}[2J\u{202E}", #""a\r\u{1B}[2J\u{202E}""#),
            ("\u{2028}\u{0}\u{85}", #""\u{2028}\u{0}\u{85}""#),
        ])
    func injection(text: String, quoted: String) {
        #expect("\(LogEntry(.info, text))" == "info: \(quoted)")
        #expect("\(LogEntry(.info, "m", fields: [text: .string(text)]))" == "info: m \(quoted)=\(quoted)")
        #expect("\(LogEntry(.info, "m", error: Broken(description: text)))" == "info: m error=\(quoted)")
        let nested = LogEntry(.info, "m", fields: ["k": .dictionary(["\n": .array([.string("=\"")])])])
        #expect("\(nested)" == #"info: m k="[\n: [=\"]]""#)
    }

    @Test("leaves harmless text as it is, and puts values that are not a single word in quotation marks")
    func harmless() {
        let entry = LogEntry(
            .notice, "Gr\u{FC}n: 100 % (a, b)", fields: ["a": "/p/{id}?q", "b": "\u{1F600}", "c": "C:\\tmp"])
        #expect(
            "\(entry)"
                == "notice: Gr\u{FC}n: 100 % (a, b) a=/p/{id}?q b=\"\u{1F600}\" c=\"C:\\\\tmp\"")
    }

    @Test("is no longer than what a pipe takes in one piece, and its parts leave each other room")
    func length() {
        for text in ["a", "\u{E9}", "\u{1F600}", "\n", "\""] {
            let long = String(repeating: text, count: 20_000)
            let entry = LogEntry(.info, long, error: Broken(description: long), fields: ["path": "/a"])
            let line = "\(entry)"
            #expect(line.utf8.count < 4096 && line.hasSuffix("...\" path=/a"), "\(line.suffix(20))")
            let many = Dictionary(uniqueKeysWithValues: (0..<20).map { ("k\($0)", LogValue.string(long)) })
            #expect("\(LogEntry(.info, long, fields: many))".utf8.count <= 4000)
        }
    }

    @Test("has the levels of swift-log, by name and order")
    func levels() {
        let names = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        #expect(LogLevel.allCases.map(\.rawValue) == names && LogLevel.allCases.sorted() == LogLevel.allCases)
        #expect(LogLevel.allCases.indices.allSatisfy { LogLevel.allCases[$0].rank == $0 })
    }

    @Test("has all its values as metadata, unchanged; fields take precedence")
    func metadata() {
        var entry = LogEntry(.info, "m", error: Broken(description: "e\n"), fields: ["a": "\n", "route": "mine"])
        #expect(entry.metadata.mapValues(\.description) == ["error": "e\n", "a": "\n", "route": "mine"])
        entry.requestID = "id"
        entry.method = .post
        entry.routePattern = "/"
        entry.peer = SocketAddress("[::1]:1")
        #expect(Set(entry.metadata.keys) == ["error", "a", "route", "requestID", "method", "peer"])
        #expect(entry.metadata["route"]?.description == "mine")
        #expect("\(entry)" == #"info: m error="e\n" requestID=id method=POST peer=[::1]:1 a="\n" route=mine"#)
        #expect(entry.file == "ReactorTests/LogEntryTests.swift" && entry.function == "metadata()" && entry.line > 70)
    }
}
