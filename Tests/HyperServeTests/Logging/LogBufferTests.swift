import Glibc
import Platform
import Reactor
import Synchronization
import Testing

@testable import HyperServe

@Suite("The buffer of a log", .timeLimit(.minutes(20)))
struct LogBufferTests {
    @Test("is closed without waiting forever: lines without room by then are lost")
    func closing() async throws {
        let events = Events()
        let buffer = LogBuffer(closeGrace: .milliseconds(50)) { lines, mayWait, _ in
            events.add("full")
            while mayWait() { usleep(1000) }
            events.add("given up")
            return LogFile.lineCount(lines[...])
        }
        #expect(buffer.start() == 0)
        buffer.append { $0.append("a line\nand another\n") }
        try events.wait(for: "full")
        #expect(!events.has("given up"))
        buffer.close()
        try events.wait(for: "given up")
        for _ in 0..<10_000 where buffer.droppedLineCount == 0 { try await Task.sleep(for: .milliseconds(2)) }
        #expect(buffer.droppedLineCount == 2)
    }

    @Test("counts what is left after a flush, and accepts any duration")
    func flushing() {
        let isBlocked = Mutex(())
        let buffer = LogBuffer { _, _, _ in
            isBlocked.withLock { _ in }
            return 0
        }
        #expect(buffer.start() == 0)
        defer { buffer.close() }
        isBlocked.withLock { _ in
            buffer.append { $0.append("one\n") }
            #expect(buffer.flush(within: .milliseconds(100)) == 1)
            buffer.append { $0.append("two\nthree\n") }
            #expect(buffer.flush(within: .zero) == 3)
            #expect(buffer.flush(within: .seconds(-1)) == 3)
        }
        #expect(buffer.flush(within: .seconds(Int64.max)) == 0)
    }

    @Test("is not waited for by its own writer")
    func flushingInside() throws {
        let results = Mutex<[Int]>([])
        let itself = Mutex<LogBuffer?>(nil)
        let buffer = LogBuffer { _, _, _ in
            let left = itself.withLock { $0 }?.flush(within: .seconds(3600))
            results.withLock { $0.append(left ?? -1) }
            return 0
        }
        itself.withLock { $0 = buffer }
        #expect(buffer.start() == 0)
        defer {
            buffer.close()
            itself.withLock { $0 = nil }
        }
        buffer.append { $0.append("one\ntwo\n") }
        #expect(buffer.flush(within: .seconds(600)) == 0)
        #expect(results.withLock { $0 } == [2])
    }

    @Test("keeps the lines of each thread in order, however many there are, and drops none as long as there is room")
    func order() throws {
        let isBlocked = Mutex(())
        let text = Mutex<[UInt8]>([])
        let buffer = LogBuffer(collects: false) { lines, _, _ in
            isBlocked.withLock { _ in }
            text.withLock { $0 += lines }
            return 0
        }
        #expect(buffer.start() == 0)
        defer { buffer.close() }
        let (threadCount, lineCount) = (4, 4000)
        let padding = String(repeating: "a", count: 30)
        let done = Semaphore()
        try isBlocked.withLock { _ in
            // More than fits into one block for each thread, while the writer waits.
            for thread in 0..<threadCount {
                _ = try Thread(named: "lines") {
                    for line in 0..<lineCount {
                        buffer.append { $0.append(utf8: "\(thread) \(line) \(padding)\n") }
                    }
                    done.signal()
                }
            }
            for _ in 0..<threadCount { done.wait() }
        }
        #expect(buffer.flush(within: .seconds(600)) == 0)
        #expect(buffer.droppedLineCount == 0)
        var next = [Int](repeating: 0, count: threadCount)
        for line in String(decoding: text.withLock { $0 }, as: UTF8.self).split(separator: "\n") {
            let parts = line.split(separator: " ").prefix(2).compactMap { Int($0) }
            try #require(parts.count == 2)
            #expect(parts[1] == next[parts[0]])
            next[parts[0]] = parts[1] + 1
        }
        #expect(next == [Int](repeating: lineCount, count: threadCount))
    }

    @Test("fills all its blocks before it drops a line, and counts what was written of a batch")
    func allOfIt() {
        let isBlocked = Mutex(())
        let hasBegun = Semaphore()
        let firstBatch = Atomic<Int>(0)
        let buffer = LogBuffer { lines, _, written in
            // All but one line at once, and then it waits.
            let count = LogFile.lineCount(lines[...])
            written(count - 1)
            if firstBatch.compareExchange(expected: 0, desired: count, ordering: .relaxed).exchanged {
                hasBegun.signal()
            }
            isBlocked.withLock { _ in }
            written(1)
            return 0
        }
        #expect(buffer.start() == 0)
        defer { buffer.close() }
        let line = String(repeating: "a", count: 999) + "\n"
        isBlocked.withLock { _ in
            // As much as fits into fifteen of sixteen blocks, from one thread.
            for _ in 0..<(15 * 65) { buffer.append { $0.append(utf8: line) } }
            #expect(buffer.droppedLineCount == 0)
            hasBegun.wait()
            let left = buffer.flush(within: .milliseconds(200))
            #expect(left == 15 * 65 - (firstBatch.load(ordering: .relaxed) - 1), "one batch is nearly written")
            // Longer than any of them.
            buffer.append { bytes in for _ in 0..<70 { bytes.append(utf8: line) } }
            #expect(buffer.droppedLineCount == 1)
        }
        #expect(buffer.flush(within: .seconds(600)) == 0)
    }

    @Test("without a thread drops lines without room, and never waits")
    func noThread() {
        let buffer = LogBuffer { _, _, _ in 0 }
        buffer.giveUp()
        let line = String(repeating: "a", count: 999) + "\n"
        for _ in 0..<10_000 { buffer.append { $0.append(utf8: line) } }
        let left = buffer.flush(within: .seconds(600))
        #expect(left > 0 && left + buffer.droppedLineCount == 10_000)
    }
}

@Suite("A file that lines are written to", .timeLimit(.minutes(20)))
struct LogFileTests {
    /// Calls `body` with an empty file, and a function that reads its content.
    private static func withFile(_ body: (Int32, _ content: () -> String) throws -> Void) throws {
        var path = Array("/tmp/hyperserve-log-XXXXXX".utf8CString)
        let descriptor = unsafe mkstemp(&path)
        try #require(descriptor >= 0)
        unsafe unlink(&path)
        defer { close(descriptor) }
        try body(descriptor) {
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(descriptor, $0.baseAddress, $0.count, 0) }
            return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
        }
    }

    @Test("gets all lines at once, without waiting")
    func regular() throws {
        try Self.withFile { descriptor, content in
            let file = LogFile(descriptor: descriptor) { _ in }
            let lines = (0..<10_000).map { "line \($0)\n" }.joined()
            #expect(file.write(Array(lines.utf8), mayWait: { false }) == 0)
            #expect(content() == lines)
        }
    }

    @Test(
        "gets the rest of a line before anything else, when it takes bytes again, and another file does not",
        arguments: [true, false])
    func tornLine(isSame: Bool) throws {
        try Self.withFile { target, content in
            var ends: [Int32] = [0, 0]
            #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            let copy = dup(ends[1])
            defer { for end in ends + [copy] { close(end) } }
            let events = Events()
            let file = LogFile(descriptor: ends[1]) { events.add($0) }
            let long = "0123456789" + String(repeating: "a", count: 1 << 19) + "\n"
            // The socket is full in the middle of the line. Then a directory takes its place, which can't be written.
            let lost = file.write(Array(("begun\n\(long)b\nc\n").utf8)) {
                let directory = unsafe open("/", O_RDONLY | O_CLOEXEC)
                dup2(directory, ends[1])
                close(directory)
                return true
            }
            #expect(lost == 2 && events.all.count == 1)
            var received: [UInt8] = []
            let read = {
                var buffer = [UInt8](repeating: 0, count: 1 << 20)
                let count = unsafe recv(ends[0], &buffer, buffer.count, Int32(MSG_DONTWAIT))
                received += buffer[..<max(0, count)]
                return true
            }
            dup2(isSame ? copy : target, ends[1])
            #expect(file.write(Array("d\n".utf8), mayWait: read) == (isSame ? 0 : 1))
            for _ in 0..<100 { _ = read() }
            let text = String(decoding: received, as: UTF8.self)
            if isSame {
                #expect(text == "begun\n\(long)d\n")
            } else {
                #expect(text.utf8.count > 10 && "begun\n\(long)".hasPrefix(text) && content() == "d\n")
            }
        }
    }

    @Test(
        "loses lines that can't be written: the beginning of a line without a reader is not completed for another one")
    func broken() throws {
        try Self.withFile { target, content in
            var ends: [Int32] = [0, 0]
            #expect(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
            defer { close(ends[1]) }
            let events = Events()
            let file = LogFile(descriptor: ends[1]) { events.add($0) }
            let long = String(repeating: "a", count: 1 << 19) + "\n"
            var isOpen = true
            let lost = file.write(Array((long + "b\n").utf8)) {
                if isOpen { close(ends[0]) }
                isOpen = false
                return true
            }
            #expect(lost == 2 && events.all.count == 1)
            dup2(target, ends[1])
            #expect(file.write(Array("d\n".utf8), mayWait: { false }) == 0)
            #expect(content() == "d\n")
        }
    }
}
