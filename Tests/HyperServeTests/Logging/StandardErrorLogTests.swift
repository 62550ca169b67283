import Glibc
import HyperServeTesting
import TestSupport
import Testing

@testable import HyperServe

@Suite("The log on standard error", .timeLimit(.minutes(20)))
struct StandardErrorLogTests {
    private struct Broken: Error {}

    private final class Pipe {
        let reader: Int32
        private(set) var writer: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            // Room for two descriptors.
            try #require(unsafe pipe(&ends) == 0)
            (reader, writer) = (ends[0], ends[1])
        }

        deinit {
            close(reader)
            end()
        }

        /// Closes the end that is written to.
        func end() {
            if writer >= 0 { close(writer) }
            writer = -1
        }

        /// Reads what there is.
        func read() -> String {
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            // In bounds.
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(reader, $0.baseAddress, $0.count) }
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test("is the default, from the level info")
    func isDefault() {
        #expect((ServerConfiguration().log as? StandardErrorLog)?.level == .info)
    }

    @Test("has a line with the time for each entry, whatever a client sent")
    func lines() throws {
        let pipe = try Pipe()
        let log = StandardErrorLog(level: .info, descriptor: pipe.writer)
        log.write(LogEntry(.error, "it failed", error: Broken(), fields: ["path": "/a\nb"]))
        log.write(LogEntry(.info, "again"))
        #expect(log.flush(within: .seconds(600)) == 0)
        let lines = pipe.read().split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines.last == "")
        // Such as "2026-11-28T10:34:01Z ".
        let times = lines.dropLast().map { $0.prefix(21) }
        #expect(times.allSatisfy { $0.hasPrefix("20") && $0.hasSuffix("Z ") && $0.dropFirst(10).first == "T" })
        #expect(lines[0].dropFirst(21) == #"error: it failed error=Broken() path="/a\nb""#)
        #expect(lines[1].dropFirst(21) == "info: again")
    }

    @Test("never waits for its reader; what does not fit is dropped, and counted in a line once there is room")
    func slowReader() throws {
        let pipe = try Pipe()
        let log = StandardErrorLog(level: .info, descriptor: pipe.writer)
        let (count, text) = (4_000, String(repeating: "x", count: 900))
        for _ in 0..<count { log.write(LogEntry(.error, text)) }
        #expect(log.flush(within: .milliseconds(10)) > 0, "nobody reads")
        let written = Events()
        let reader = inBackground { [reader = pipe.reader] in
            var (bytes, text) = ([UInt8](repeating: 0, count: 1 << 16), [UInt8]())
            while true {
                // In bounds.
                let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(reader, $0.baseAddress, $0.count) }
                guard count > 0 else { break }
                text += bytes.prefix(count)
            }
            for line in String(decoding: text, as: UTF8.self).split(separator: "\n") { written.add(String(line)) }
        }
        #expect(log.flush(within: .seconds(600)) == 0)
        log.write(LogEntry(.info, "last"))
        #expect(log.flush(within: .seconds(600)) == 0)
        pipe.end()
        reader.wait()
        let lines = written.all.map { $0.dropFirst(21) }
        let drops = lines.filter { $0.hasPrefix("warning: ") && $0.hasSuffix(" lines were dropped") }
        #expect(!drops.isEmpty && lines.contains("info: last"))
        let number = drops.reduce(0) { $0 + (Int($1.split(separator: " ")[1]) ?? 0) }
        #expect(number > 0 && number + lines.count { $0 == "error: \(text)" } == count)
    }

    @Test("gets the error of a handler without any configuration, also right before the process exits")
    func process() async throws {
        let result = try await #require(processExitsWith: .exitCode(7), observing: [\.standardErrorContent]) {
            var router = Router()
            router.get("/broken/{id}") { _ in throw Broken() }
            let client = try TestClient(router: router)
            let response = try await client.get("/broken/1")
            exit(response.status == .internalServerError && response.text == "" ? 7 : 8)
        }
        let text = String(decoding: result.standardErrorContent, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.contains("Z error: ") }, "\(text)")
        #expect(line.contains("error: a handler or middleware threw an error error=Broken() method=GET"), "\(line)")
        #expect(line.contains("route=/broken/{id}") && line.hasSuffix("path=/broken/1 status=500"), "\(line)")
    }
}
