import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import TestSupport
import Testing

/// A log that writes to a descriptor with a reader of any kind.
@Suite("The access log's file", .timeLimit(.minutes(20)))
struct AccessLogFileTests {
    /// Both ends of a pipe.
    private final class Pipe: Sendable {
        let reader: Int32
        let writer: Int32
        private let isReaderOpen = Atomic<Bool>(true)

        init(isNonBlocking: Bool) {
            var ends: [Int32] = [0, 0]
            let status = unsafe pipe(&ends)
            precondition(status == 0, "no pipe")
            reader = ends[0]
            writer = ends[1]
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            if isNonBlocking { _ = fcntl(writer, F_SETFL, O_NONBLOCK) }
            // F_SETPIPE_SZ: the smallest there is, a page.
            _ = fcntl(writer, 1031, 4096)
        }

        func closeReader() {
            if isReaderOpen.exchange(false, ordering: .relaxed) { close(reader) }
        }

        /// Closes the writer, and keeps the descriptor's number in use.
        func closeWriter() {
            let null = unsafe open("/dev/null", O_WRONLY | O_CLOEXEC)
            dup2(null, writer)
            close(null)
        }

        /// Everything up to the end, which comes when the writer is closed; with a pause before each read.
        func readToEnd(pauseMicroseconds: UInt32 = 0) -> [UInt8] {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1000)
            while true {
                if pauseMicroseconds > 0 { usleep(pauseMicroseconds) }
                let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                    retried { unsafe read(reader, bytes.baseAddress, bytes.count) }
                }
                guard count > 0 else { return all }
                all += buffer[..<count]
            }
        }

        deinit {
            closeReader()
            close(writer)
        }
    }

    private static func client(_ log: AccessLog) throws -> TestClient {
        var router = Router()
        router.use(log)
        router.get("/{number}") { _ in .text("") }
        return try TestClient(router: router)
    }

    /// Sends requests with numbered targets, and a field of that length.
    private static func send(_ client: TestClient, _ numbers: Range<Int>, fieldByteCount: Int = 500) async throws {
        let agent = String(repeating: "a", count: fieldByteCount)
        for number in numbers { _ = try await client.get("/\(number)", headers: ["User-Agent": agent]) }
    }

    @Test("may have lost its reader: the process continues, and the lines are counted", arguments: [false, true])
    func brokenPipe(isNonBlocking: Bool) async throws {
        let pipe = Pipe(isNonBlocking: isNonBlocking)
        pipe.closeReader()
        let reports = Events()
        let log = AccessLog(.common, descriptor: pipe.writer) { reports.add($0) }
        let client = try Self.client(log)
        try await Self.send(client, 0..<10)
        // By the log's own thread, and by this one.
        for _ in 0..<2000 where log.droppedLineCount < 10 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(log.droppedLineCount == 10)
        try await Self.send(client, 0..<10)
        #expect(log.flush(within: .seconds(600)) == 0)
        #expect(log.droppedLineCount == 20)
        #expect(
            reports.all == ["the access log can't be written, lines are dropped: write: Broken pipe (\(EPIPE))"])
        // The disposition of the signal is the application's own.
        var action = sigaction()
        _ = unsafe sigaction(SIGPIPE, nil, &action)
        #expect(unsafe action.__sigaction_handler.sa_handler == nil)
    }

    @Test("may be full, or closed: the process continues, and the lines are counted", arguments: ["/dev/full", ""])
    func unwritable(path: String) async throws {
        let descriptor = path.isEmpty ? -1 : unsafe open(path, O_WRONLY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        let reports = Events()
        let log = AccessLog(.common, descriptor: descriptor) { reports.add($0) }
        let client = try Self.client(log)
        for count in [10, 20] {
            try await Self.send(client, 0..<10)
            #expect(log.flush(within: .seconds(600)) == 0)
            #expect(log.droppedLineCount == count)
        }
        #expect(reports.all.count == 1 && reports.all[0].hasSuffix("(\(path.isEmpty ? EBADF : ENOSPC))"))
    }

    @Test("may be a socket whose other end has gone, or does not read", arguments: [false, true])
    func socket(isClosed: Bool) async throws {
        var ends: [Int32] = [0, 0]
        #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { close(ends[1]) }
        if isClosed { close(ends[0]) }
        let reports = Events()
        let log = AccessLog(.combined, descriptor: ends[1]) { reports.add($0) }
        let client = try Self.client(log)
        try await Self.send(client, 0..<300, fieldByteCount: 5000)
        let left = log.flush(within: isClosed ? .seconds(600) : .milliseconds(300))
        #expect(reports.all.count == (isClosed ? 1 : 0))
        if isClosed {
            #expect(left == 0 && log.droppedLineCount == 300)
        } else {
            #expect(left > 0 && left + log.droppedLineCount < 300)
            close(ends[0])
            // Otherwise the log's thread would write to the next file with the descriptor's number.
            #expect(log.flush(within: .seconds(600)) == 0)
        }
    }

    @Test("may have a reader that has stopped: a flush waits no longer than its duration", arguments: [false, true])
    func stoppedReader(isNonBlocking: Bool) async throws {
        let pipe = Pipe(isNonBlocking: isNonBlocking)
        let log = AccessLog(.combined, descriptor: pipe.writer)
        let client = try Self.client(log)
        let count = 100
        try await Self.send(client, 0..<count)
        let start = ContinuousClock.now
        let left = log.flush(within: .milliseconds(200))
        let duration = ContinuousClock.now - start
        #expect(duration >= .milliseconds(200) && duration < .seconds(60))
        // What fits into the pipe is written, and the rest is not.
        #expect(left > count - 10 && left <= count)
        #expect(log.droppedLineCount == 0)
        // Once it is read again, nothing is missing.
        let received = Mutex<[UInt8]>([])
        let reader = inBackground {
            let all = pipe.readToEnd()
            received.withLock { $0 = all }
        }
        #expect(log.flush(within: .seconds(600)) == 0)
        pipe.closeWriter()
        reader.wait()
        let lines = received.withLock { $0 }.split(separator: UInt8(ascii: "\n"))
        #expect(lines.count == count)
    }

    @Test("may have a slow reader: every line arrives complete and once, or is counted", arguments: [false, true])
    func slowReader(isNonBlocking: Bool) async throws {
        let pipe = Pipe(isNonBlocking: isNonBlocking)
        let log = AccessLog(.combined, descriptor: pipe.writer)
        let client = try Self.client(log)
        let received = Mutex<[UInt8]>([])
        let reader = inBackground {
            let all = pipe.readToEnd(pauseMicroseconds: 200)
            received.withLock { $0 = all }
        }
        // Lines of many lengths, some longer than the pipe.
        var count = 0
        for round in 0..<40 {
            try await Self.send(client, count..<count + 10, fieldByteCount: round * 197)
            count += 10
        }
        #expect(log.flush(within: .seconds(600)) == 0)
        pipe.closeWriter()
        reader.wait()
        let bytes = received.withLock { $0 }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        var numbers: [Int] = []
        for line in lines.dropLast() {
            let match = try #require(try /127.*"GET \/(\d+) HTTP\/1.1" 200 0 "-" "a*"/.wholeMatch(in: line), "\(line)")
            numbers.append(Int(match.1)!)
        }
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers.count + log.droppedLineCount == count)
    }

    @Test("may be shared with another log: lines longer than the pipe arrive complete")
    func sharedPipe() async throws {
        let pipe = Pipe(isNonBlocking: true)
        let logs = (0..<2).map { _ in AccessLog(.combined, descriptor: pipe.writer) }
        let received = Mutex<[UInt8]>([])
        let reader = inBackground {
            let all = pipe.readToEnd(pauseMicroseconds: 100)
            received.withLock { $0 = all }
        }
        try await withThrowingTaskGroup { group in
            for log in logs {
                group.addTask { try await Self.send(try Self.client(log), 0..<50, fieldByteCount: 6000) }
            }
            try await group.waitForAll()
        }
        for log in logs { #expect(log.flush(within: .seconds(600)) == 0) }
        pipe.closeWriter()
        reader.wait()
        let lines = String(decoding: received.withLock { $0 }, as: UTF8.self).split(separator: "\n")
        for line in lines { #expect(line.hasPrefix("127.") && line.hasSuffix("aaaa\"") && line.utf8.count < 6200) }
        #expect(lines.count + logs.map(\.droppedLineCount).reduce(0, +) == 100)
    }
}
