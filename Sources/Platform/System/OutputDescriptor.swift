import Glibc

/// A descriptor that bytes are written to: a file, a pipe, a socket or a terminal, blocking or not. It is owned by
/// someone else. Writing raises no signal inside `withoutSignals`.
package struct OutputDescriptor: Sendable {
    /// How to write to a descriptor.
    package enum Kind: Sendable {
        /// Writing never waits for a reader.
        case file
        /// Writing never blocks.
        case socket
        /// A pipe or a terminal: wait for room first.
        case other
    }

    /// The same for all descriptors of a file, pipe, socket or terminal.
    package struct Identity: Hashable, Sendable {
        private let device: UInt
        private let inode: UInt

        package init(device: UInt, inode: UInt) {
            self.device = device
            self.inode = inode
        }
    }

    /// The outcome of a write.
    package enum Outcome: Sendable {
        /// Number of bytes that were written, at least 1.
        case written(Int)
        /// There is no room.
        case full
        case failed(SystemError)
    }

    /// Number of bytes that a pipe takes completely or not at all, and without blocking when it has room (PIPE_BUF on
    /// Linux).
    package static let atomicByteCount = 4096

    package static let standardError = OutputDescriptor(STDERR_FILENO)

    private let number: Int32

    package init(_ number: Int32) { self.number = number }

    /// Returns what the descriptor refers to at this moment. A closed one is a file without an identity, to which
    /// writing fails.
    package func inspect() -> (Kind, Identity?) {
        var status = stat()
        // The address is valid for the call.
        guard unsafe fstat(number, &status) == 0 else { return (.file, nil) }
        let identity = Identity(device: status.st_dev, inode: status.st_ino)
        switch status.st_mode & S_IFMT {
        case S_IFREG: return (.file, identity)
        case S_IFSOCK: return (.socket, identity)
        default: return (.other, identity)
        }
    }

    /// Waits until a write would not block, or would fail at once. Returns false after the given time.
    package func hasRoom(milliseconds: Int32) -> Bool {
        var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
        // The address is valid for the call.
        return unsafe poll(&entry, 1, milliseconds) > 0
    }

    /// Writes as many of the bytes as fit.
    package func write(_ bytes: ArraySlice<UInt8>, as kind: Kind) -> Outcome {
        while true {
            // Valid for the call.
            let count = unsafe bytes.withUnsafeBytes { bytes in
                if kind == .socket {
                    return unsafe send(number, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
                }
                return unsafe Glibc.write(number, bytes.baseAddress, bytes.count)
            }
            if count > 0 { return .written(count) }
            // No regular file writes 0 bytes; treated as an error, so that callers can't loop forever.
            let failure = count < 0 ? errno : EIO
            if failure == EINTR { continue }
            return failure == EAGAIN ? .full : .failed(SystemError("write", code: failure))
        }
    }

    /// Calls `body`, which writes and returns an error that ended it, with SIGPIPE and SIGXFSZ (a file reached the
    /// process's limit) blocked in this thread, and discards one that was raised. The process's handling of these
    /// signals does not change.
    @discardableResult
    package static func withoutSignals(_ body: () -> SystemError?) -> SystemError? {
        // Valid addresses, for the length of each call.
        var (signals, pending, mask) = (sigset_t(), sigset_t(), sigset_t())
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe sigaddset(&signals, SIGXFSZ)
        unsafe sigpending(&pending)
        let wasPending = unsafe sigismember(&pending, SIGPIPE) == 1 || sigismember(&pending, SIGXFSZ) == 1
        unsafe pthread_sigmask(SIG_BLOCK, &signals, &mask)
        let failure = body()
        if failure?.code == EPIPE || failure?.code == EFBIG, !wasPending {
            var now = timespec()
            while unsafe sigtimedwait(&signals, nil, &now) < 0, errno == EINTR {}
        }
        unsafe pthread_sigmask(SIG_SETMASK, &mask, nil)
        return failure
    }
}

extension SystemError {
    /// Whether the reader of a pipe or socket has gone (EPIPE).
    package var isBrokenPipe: Bool { code == EPIPE }
}
