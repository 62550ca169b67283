import Glibc
import TestSupport
import Testing

@testable import HyperServe

/// Logs that can't complete a line, and those that write to the same stream after them.
@Suite("A line that a log can't complete")
struct UnfinishedLineTests {
    /// Reads what has arrived at the reader of a stream.
    private static func read(_ descriptor: Int32) -> String {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = retried { unsafe Glibc.read(descriptor, &buffer, buffer.count) }
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    private static func log(_ descriptor: Int32) -> LogFile { LogFile(descriptor: descriptor) { _ in } }

    private static func line(_ letter: Character, _ count: Int) -> [UInt8] {
        Array((String(repeating: letter, count: count) + "\n").utf8)
    }

    /// The two ends of a pipe or of a connection.
    private static func stream(isSocket: Bool) -> (reader: Int32, writer: Int32) {
        var ends: [Int32] = [0, 0]
        let status = unsafe isSocket ? socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) : pipe(&ends)
        #expect(status == 0)
        return (ends[0], ends[1])
    }

    @Test(
        "is ended by the next writer, which may be another log, a later one, or the same",
        arguments: [false, true], ["another", "later", "same"])
    func brokenOff(isSocket: Bool, next: String) throws {
        let (reader, writer) = Self.stream(isSocket: isSocket)
        defer { for end in [reader, writer] { close(end) } }
        var first: LogFile? = Self.log(writer)
        var second = Self.log(writer)
        // More than the stream takes, and without waiting.
        #expect(try #require(first).write(Self.line("a", 1 << 20), mayWait: { false }) == 1)
        let begun = Self.read(reader)
        #expect(begun.utf8.count >= 4096 && begun.allSatisfy { $0 == "a" })
        if next == "same" { second = try #require(first) }
        first = nil
        if next == "later" { second = Self.log(writer) }
        #expect(second.write(Self.line("b", 3), mayWait: { false }) == 0)
        #expect(second.write(Self.line("c", 3), mayWait: { false }) == 0)
        #expect(Self.read(reader) == "\nbbb\nccc\n")
    }

    @Test("is ended also when the reader of a named pipe has left in its middle, and another one opens it")
    func namedPipe() throws {
        let path = "/tmp/hyperserve-log-\(getpid())"
        #expect(unsafe mkfifo(path, 0o600) == 0)
        defer { unsafe unlink(path) }
        var reader = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writer = unsafe open(path, O_WRONLY | O_CLOEXEC)
        let log = Self.log(writer)
        // Until the pipe is full.
        var hasWaited = false
        let lost = log.write(Self.line("a", 1 << 20)) {
            if hasWaited { close(reader) }
            defer { hasWaited = true }
            return true
        }
        #expect(lost == 1, "the reader has left")
        reader = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        defer { for end in [reader, writer] { close(end) } }
        // Bytes that were not read are still in the pipe.
        let begun = Self.read(reader)
        #expect(begun.utf8.count >= 4096 && begun.allSatisfy { $0 == "a" })
        #expect(log.write(Self.line("b", 3), mayWait: { false }) == 0)
        #expect(Self.read(reader) == "\nbbb\n")
    }

    // In a separate process, whose files are limited.
    @Test("is completed when there is room again, unless another log has ended it")
    func fullDisk() async {
        await #expect(processExitsWith: .success) {
            let path = "/tmp/hyperserve-log-\(getpid())"
            let file = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0o600)
            defer { unsafe unlink(path) }
            let resource = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
            var usual = rlimit()
            #expect(unsafe getrlimit(resource, &usual) == 0)
            let most = usual.rlim_max
            func limit(_ byteCount: rlim_t) {
                var limit = rlimit(rlim_cur: byteCount, rlim_max: most)
                #expect(unsafe setrlimit(resource, &limit) == 0)
            }
            let logs = (0..<2).map { _ in Self.log(file) }
            limit(3)
            #expect(logs[0].write(Self.line("a", 5), mayWait: { true }) == 0)
            limit(1000)
            #expect(logs[0].write(Self.line("b", 2), mayWait: { true }) == 0)
            limit(11)
            #expect(logs[0].write(Self.line("c", 5), mayWait: { true }) == 0)
            limit(1000)
            #expect(logs[1].write(Self.line("d", 2), mayWait: { true }) == 0)
            #expect(logs[0].write(Self.line("e", 2), mayWait: { true }) == 1, "the rest is dropped")
            limit(most)
            #expect(lseek(file, 0, SEEK_SET) == 0)
            #expect(Self.read(file) == "aaaaa\nbb\ncc\ndd\nee\n")
        }
    }
}
