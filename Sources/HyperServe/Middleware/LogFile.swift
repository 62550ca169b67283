import Glibc
import Platform
import Reactor

/// A descriptor that lines are written to: a file, a pipe, a socket or a terminal, which somebody else owns and may
/// have made blocking or not.
///
/// Its readers get whole lines: a line of which a part was written is completed before anything else is. Writing raises
/// no signal, and what can't be written is counted.
final class LogFile: @unchecked Sendable {
    // `@unchecked Sendable`: the thread of one `LogBuffer` writes, and nobody else.

    /// Bytes that a pipe takes as a whole or not at all, and without blocking when it has room (PIPE_BUF on Linux).
    private static let pieceByteCount = 4096
    /// How long one wait for room lasts before the end of the log is thought of.
    private static let waitMilliseconds: Int32 = 20

    private let descriptor: Int32
    private let report: @Sendable (String) -> Void
    /// The rest of a line of which a part was written.
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
        let bytes = rest.isEmpty ? lines : rest + lines
        // The rest of a line begins in its middle.
        let isFirstBegun = !rest.isEmpty
        rest = []
        var offset = 0
        let failure = withoutSignals { writeAll(bytes, &offset, mayWait, written) }
        guard failure != 0 else { return 0 }
        if failure != EAGAIN, failure != reportedFailure {
            reportedFailure = failure
            report("the access log can't be written, lines are dropped: \(SystemError("write", code: failure))")
        }
        let isBegun = offset == 0 ? isFirstBegun : bytes[offset - 1] != UInt8(ascii: "\n")
        // Whoever had the beginning of the line is gone, or the log is: nobody needs the rest.
        if isBegun, failure != EPIPE, failure != EAGAIN {
            let end = Self.endOfLine(bytes, from: offset)
            rest = Array(bytes[offset..<end])
            offset = end
        }
        return Self.lineCount(bytes[offset...])
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

    /// Writes from `offset` on, and moves it. Returns 0, or the errno that ended it: EAGAIN if it may wait no longer.
    private func writeAll(
        _ bytes: [UInt8], _ offset: inout Int, _ mayWait: () -> Bool, _ written: (Int) -> Void
    ) -> Int32 {
        let (kind, stream) = look()
        // Others may write to the same pipe or socket: each line has it to itself, however many writes it takes.
        var turn = SharedStream.Turn(stream)
        defer { turn.end() }
        while offset < bytes.count {
            guard turn.begin() else {
                guard mayWait() else { return EAGAIN }
                usleep(1000)
                continue
            }
            if kind == .other, !Self.hasRoom(descriptor, milliseconds: Self.waitMilliseconds) {
                guard mayWait() else { return EAGAIN }
                continue
            }
            let end = kind == .file ? bytes.count : Self.endOfPiece(bytes, from: offset)
            let count = writeOnce(bytes[offset..<end], kind)
            if count > 0 {
                written(Self.lineCount(bytes[offset..<offset + count]))
                offset += count
                if bytes[offset - 1] == UInt8(ascii: "\n") { turn.end() }
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
        let stream = { SharedStream.of(device: status.st_dev, inode: status.st_ino) }
        switch status.st_mode & S_IFMT {
        // One write a batch.
        case S_IFREG: return (.file, nil)
        case S_IFSOCK: return (.socket, stream())
        default: return (.other, stream())
        }
    }

    /// As many whole lines as a pipe takes in one piece, or as much of one that is longer.
    private static func endOfPiece(_ bytes: [UInt8], from start: Int) -> Int {
        let limit = min(start + pieceByteCount, bytes.count)
        let last = bytes[start..<limit].lastIndex(of: UInt8(ascii: "\n"))
        return last.map { $0 + 1 } ?? limit
    }

    private static func endOfLine(_ bytes: [UInt8], from start: Int) -> Int {
        bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
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
