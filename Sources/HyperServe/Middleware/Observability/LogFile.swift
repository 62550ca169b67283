import Glibc
import Platform
import Reactor

/// A descriptor that lines are written to: a file, a pipe, a socket or a terminal, which somebody else owns and may
/// have made blocking or not.
///
/// Its readers get whole lines: a line of which a part was written is completed before anything else is, and if it
/// can't be, whoever writes next ends it with a line break. Writing raises no signal, and what can't be written is
/// counted.
final class LogFile: @unchecked Sendable {
    // `@unchecked Sendable`: the thread of one `LogBuffer` writes, and nobody else.

    /// Bytes that a pipe takes as a whole or not at all, and without blocking when it has room (PIPE_BUF on Linux).
    private static let pieceByteCount = 4096
    /// How long one wait for room lasts before the end of the log is thought of.
    private static let waitMilliseconds: Int32 = 20

    private let descriptor: Int32
    private let report: @Sendable (String) -> Void
    /// The rest of a line of which a part was written, as long as nobody else has written to the same stream.
    private var rest: [UInt8] = []
    /// The errno that was reported last.
    private var reportedFailure: Int32 = 0

    /// How to write to the descriptor.
    private enum Kind {
        /// Writing waits for nobody.
        case file
        /// `send` has a flag for everything.
        case socket
        /// A pipe or a terminal: whether it has room is asked first.
        case other
    }

    /// - Parameter report: called once when writing fails, and again when it fails for another reason.
    init(descriptor: Int32, report: @escaping @Sendable (String) -> Void) {
        self.descriptor = descriptor
        self.report = report
    }

    /// Writes whole lines, and waits for room while `mayWait` allows it. Returns how many lines were lost.
    ///
    /// - Parameter written: called with the number of lines whenever some were written to their ends.
    func write(_ lines: [UInt8], mayWait: () -> Bool, written: (Int) -> Void = { _ in }) -> Int {
        var batch = Batch(bytes: rest.isEmpty ? lines : rest + lines, restByteCount: rest.count)
        rest = []
        let failure = withoutSignals { writeAll(&batch, mayWait, written) }
        guard failure != 0 else { return batch.lostLineCount }
        if failure != EAGAIN, failure != reportedFailure {
            reportedFailure = failure
            report("the access log can't be written, lines are dropped: \(SystemError("write", code: failure))")
        }
        // Whoever had the beginning of the line is gone, or the log is: nobody needs the rest.
        if batch.isInLine, failure != EPIPE, failure != EAGAIN { rest = batch.takeRest() }
        return batch.lostLineCount + Self.lineCount(batch.bytes[batch.offset...])
    }

    /// What is written at a time: whole lines, before which the rest of one may stand.
    private struct Batch {
        let bytes: [UInt8]
        /// Bytes of the rest, if nothing was written yet.
        var restByteCount: Int
        /// Bytes that were written, or that are lost.
        var offset = 0
        var lostLineCount = 0

        /// What is written next: everything, or as many whole lines as a pipe takes in one piece, or as much of one
        /// that is longer.
        func piece(isWhole: Bool) -> ArraySlice<UInt8> {
            let limit = isWhole ? bytes.count : min(offset + LogFile.pieceByteCount, bytes.count)
            let last = bytes[offset..<limit].lastIndex(of: UInt8(ascii: "\n"))
            return bytes[offset..<(isWhole ? limit : last.map { $0 + 1 } ?? limit)]
        }

        /// Whether the next byte stands within a line.
        var isInLine: Bool { offset == 0 ? restByteCount > 0 : bytes[offset - 1] != UInt8(ascii: "\n") }

        /// The stream has gone on without the rest.
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

    /// A line on standard error, unless that has no room: what is reported must not hold up the log.
    static func complain(_ text: String) {
        let line = Array("\(LogLine.safe(text))\n".utf8)
        guard hasRoom(STDERR_FILENO, milliseconds: 0) else { return }
        withoutSignals {
            // There for the call. Nothing is left to try when standard error is closed.
            let count = unsafe line.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            return count < 0 ? errno : 0
        }
    }

    static func lineCount(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 == UInt8(ascii: "\n") } }

    /// Writes what is left of the batch. Returns 0, or the errno that ended it: EAGAIN if it may wait no longer.
    private func writeAll(_ batch: inout Batch, _ mayWait: () -> Bool, _ written: (Int) -> Void) -> Int32 {
        let (kind, stream) = look()
        // Others may write to the same pipe or socket: each line has it to itself, however many writes it takes.
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
            // Somebody has left it in the middle of a line.
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
            // Nothing is written by no regular file: else this would go on for ever.
            let failure = count < 0 ? errno : EIO
            if failure == EINTR { continue }
            guard failure == EAGAIN else { return failure }
            guard mayWait() else { return EAGAIN }
            _ = Self.hasRoom(descriptor, milliseconds: Self.waitMilliseconds)
        }
        return 0
    }

    private func writeOnce(_ bytes: ArraySlice<UInt8>, _ kind: Kind) -> Int {
        // There for the call.
        unsafe bytes.withUnsafeBytes { bytes in
            if kind == .socket {
                return unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            return unsafe Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        }
    }

    /// Looked at again for each batch: another file may have taken the descriptor's place.
    private func look() -> (Kind, SharedStream?) {
        var status = stat()
        // A descriptor that is closed says so when it is written to.
        guard unsafe fstat(descriptor, &status) == 0 else { return (.file, nil) }
        let stream = SharedStream.of(device: status.st_dev, inode: status.st_ino)
        switch status.st_mode & S_IFMT {
        case S_IFREG: return (.file, stream)
        case S_IFSOCK: return (.socket, stream)
        default: return (.other, stream)
        }
    }

    /// Whether a write would not block now, or fail at once; waits for that.
    private static func hasRoom(_ descriptor: Int32, milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&entry, 1, milliseconds) > 0
    }
}

/// Calls `body`, which writes and returns an errno or 0, on a thread that meanwhile gets neither SIGPIPE nor the signal
/// of a file that reaches the process's limit, and takes back the one that was raised. What the process does on these
/// signals stays as it is.
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
