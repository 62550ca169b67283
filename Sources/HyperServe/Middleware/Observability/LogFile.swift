import Glibc
import Platform
import Reactor

/// A descriptor that lines are written to: a file, a pipe, a socket or a terminal. It is owned by the application, and
/// may be blocking or not.
///
/// Its readers get complete lines: a line of which a part was written is completed before anything else is written; if
/// that is impossible, the next writer ends it with a line break. Writing raises no signal. Lines that can't be written
/// are counted.
final class LogFile: @unchecked Sendable {
    // `@unchecked Sendable`: only the thread of one `LogBuffer` writes.

    /// Number of bytes that a pipe takes completely or not at all, and without blocking when it has room (PIPE_BUF on
    /// Linux).
    private static let pieceByteCount = 4096
    /// How long to wait for room before checking whether to go on.
    private static let waitMilliseconds: Int32 = 20

    private let descriptor: Int32
    private let report: @Sendable (String) -> Void
    /// The rest of a line of which a part was written. Valid as long as nothing else was written to the same stream.
    private var rest: [UInt8] = []
    /// The errno that was reported last.
    private var reportedFailure: Int32 = 0

    /// How to write to the descriptor.
    private enum Kind {
        /// Writing never waits for a reader.
        case file
        /// `send` has flags against blocking and signals.
        case socket
        /// A pipe or a terminal: poll for room first.
        case other
    }

    /// - Parameter report: called when writing fails, and again only when the reason changes.
    init(descriptor: Int32, report: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.report = report
    }

    /// Writes complete lines, and waits for room while `mayWait` allows it. Returns how many lines were lost.
    ///
    /// - Parameter written: called with a number of lines that were written completely.
    func write(_ lines: [UInt8], mayWait: () -> Bool, written: (Int) -> Void = { _ in }) -> Int {
        var batch = Batch(bytes: rest.isEmpty ? lines : rest + lines, restByteCount: rest.count)
        rest = []
        let failure = withoutSignals { writeAll(&batch, mayWait, written) }
        guard failure != 0 else { return batch.lostLineCount }
        if failure != EAGAIN, failure != reportedFailure {
            reportedFailure = failure
            report("the access log can't be written, lines are dropped: \(SystemError("write", code: failure))")
        }
        // The reader of the line's beginning has gone, or the log is closing: the rest is not needed.
        if batch.isInLine, failure != EPIPE, failure != EAGAIN { rest = batch.takeRest() }
        return batch.lostLineCount + Self.lineCount(batch.bytes[batch.offset...])
    }

    /// The bytes of one call of `write`: complete lines, which may follow the rest of an earlier one.
    private struct Batch {
        let bytes: [UInt8]
        /// Size of that rest, if nothing was written yet.
        var restByteCount: Int
        /// Number of bytes that were written or lost.
        var offset = 0
        var lostLineCount = 0

        /// The bytes to write next: all of them, or as many complete lines as a pipe takes in one piece, or a part of a
        /// longer line.
        func piece(isWhole: Bool) -> ArraySlice<UInt8> {
            let limit = isWhole ? bytes.count : min(offset + LogFile.pieceByteCount, bytes.count)
            let last = bytes[offset..<limit].lastIndex(of: UInt8(ascii: "\n"))
            return bytes[offset..<(isWhole ? limit : last.map { $0 + 1 } ?? limit)]
        }

        /// Whether the next byte continues a line.
        var isInLine: Bool { offset == 0 ? restByteCount > 0 : bytes[offset - 1] != UInt8(ascii: "\n") }

        /// Drops the rest, because something else was written to the stream.
        mutating func loseRest() {
            offset = restByteCount
            restByteCount = 0
            lostLineCount = 1
        }

        mutating func takeRest() -> [UInt8] {
            let start = offset
            offset = bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
            return Array(bytes[start..<offset])
        }
    }

    /// Writes a line to standard error, unless that has no room: a report must not delay the log.
    static func writeToStandardError(_ text: String) {
        let line = Array("\(LogLine.safe(text))\n".utf8)
        guard hasRoom(STDERR_FILENO, milliseconds: 0) else { return }
        withoutSignals {
            // Valid for the call. A failure can't be reported anywhere else.
            let count = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return count < 0 ? errno : 0
        }
    }

    static func lineCount(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }

    /// Writes the rest of the batch. Returns 0, or the errno that ended it: EAGAIN if it may not wait any longer.
    private func writeAll(_ batch: inout Batch, _ mayWait: () -> Bool, _ written: (Int) -> Void) -> Int32 {
        let (kind, stream) = inspectDescriptor()
        // Other logs may write to the same pipe or socket: a line is written in one turn, however many writes it takes.
        var turn = SharedStream.Turn(stream)
        defer { turn.end() }
        while batch.offset < batch.bytes.count {
            guard turn.begin() else {
                guard mayWait() else { return EAGAIN }
                usleep(1000)
                continue
            }
            if kind == .other, !Self.hasRoom(descriptor, milliseconds: Self.waitMilliseconds) {
                guard mayWait() else { return EAGAIN }
                continue
            }
            if batch.offset == 0, batch.restByteCount > 0, !turn.isInLine(of: self) { batch.loseRest() }
            // Another writer has left the stream in the middle of a line.
            let isBroken = !batch.isInLine && turn.isInLine()
            let piece = isBroken ? [UInt8(ascii: "\n")] : batch.piece(isWhole: kind == .file)
            let count = writeOnce(piece, kind)
            if count > 0 {
                if !isBroken {
                    written(Self.lineCount(piece.prefix(count)))
                    batch.offset += count
                }
                turn.didWrite(by: self, endsLine: !batch.isInLine)
                if !batch.isInLine { turn.end() }
                continue
            }
            // No regular file writes 0 bytes; treated as an error, so that this can't loop forever.
            let failure = count < 0 ? errno : EIO
            if failure == EINTR { continue }
            guard failure == EAGAIN else { return failure }
            guard mayWait() else { return EAGAIN }
            _ = Self.hasRoom(descriptor, milliseconds: Self.waitMilliseconds)
        }
        return 0
    }

    private func writeOnce(_ bytes: ArraySlice<UInt8>, _ kind: Kind) -> Int {
        // Valid for the call.
        unsafe bytes.withUnsafeBytes { bytes in
            if kind == .socket {
                return unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            return unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }

    /// Called for each batch, since the descriptor may refer to another file by now.
    private func inspectDescriptor() -> (Kind, SharedStream?) {
        var status = stat()
        // For a closed descriptor, the write fails.
        guard unsafe fstat(descriptor, &status) == 0 else { return (.file, nil) }
        let stream = SharedStream.of(device: status.st_dev, inode: status.st_ino)
        switch status.st_mode & S_IFMT {
        case S_IFREG: return (.file, stream)
        case S_IFSOCK: return (.socket, stream)
        default: return (.other, stream)
        }
    }

    /// Waits until a write would not block, or would fail at once. Returns false after the given time.
    private static func hasRoom(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }
}

/// Calls `body`, which writes and returns an errno or 0, with SIGPIPE and SIGXFSZ (a file reached the process's limit)
/// blocked in this thread, and discards one that was raised. The process's handling of these signals does not change.
@discardableResult
private func withoutSignals(_ body: () -> Int32) -> Int32 {
    // Valid addresses, for the length of each call.
    var (signals, pending, mask) = (sigset_t(), sigset_t(), sigset_t())
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGPIPE)
    unsafe sigaddset(&signals, SIGXFSZ)
    unsafe sigpending(&pending)
    let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1 || sigismember(&pending, SIGXFSZ) == 1
    unsafe pthread_sigmask(SIG_BLOCK, &signals, &mask)
    let failure = body()
    if failure == EPIPE || failure == EFBIG, !wasPending {
        var now = timespec()
        while unsafe sigtimedwait(&signals, nil, &now) < 0, errno == EINTR {}
    }
    unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
    return failure
}
