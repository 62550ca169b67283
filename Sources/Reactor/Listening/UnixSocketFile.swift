import Glibc
import Platform

/// The file of a Unix socket that this process listens on.
///
/// Two servers never serve at one path, and no server removes the file of another:
///
/// - A server that starts locks the directory (flock) before it looks for an existing file, and unlocks it when the new
///   socket listens. Of two servers that start at once, the second therefore sees the socket of the first.
/// - A connection attempt shows whether an existing socket belongs to a running server. The kernel refuses it only if
///   no process listens (ECONNREFUSED); a full queue is another error (EAGAIN). Only a refused socket is replaced.
/// - A stopping server removes the file only if its device and inode are those of the file that it created, and only
///   while a descriptor of the listening socket is open. The socket keeps the inode allocated, so no other file can
///   have its number; and since it listens, no server that starts replaces the file between the check and the removal.
final class UnixSocketFile: Sendable {
    /// An open directory, so that the file is found even if the process changes its working directory.
    private let directory: Int32
    private let fileName: String
    private let identity: Identity
    /// A copy of the listening descriptor; nil once the file was removed.
    private let socket: Locked<Int32?>

    private struct Identity: Equatable {
        let device: UInt64
        let inode: UInt64
    }

    /// Attempts to lock the directory while another process holds the lock, and the pause between them in microseconds:
    /// five seconds in total. A server that starts holds it for less than a millisecond.
    private static let lockAttemptCount = 500
    private static let lockPause: UInt32 = 10_000

    /// Creates the file, and a socket that listens on it. The caller owns the descriptor.
    static func listen(
        on name: UnixSocketName, mode: UInt32, backlog: Int32
    ) throws(ListenError) -> (descriptor: Int32, file: UnixSocketFile) {
        let address = ListenerAddress.unix(path: name.path)
        do throws(SystemError) {
            let (directory, fileName) = try openDirectory(of: name.path)
            do throws(SystemError) {
                try lock(directory)
                defer { _ = flock(directory, LOCK_UN) }
                if try isTaken(fileName, in: directory, name) { throw SystemError("bind", code: EADDRINUSE) }
                return try make(fileName, in: directory, name, mode: mode, backlog: backlog)
            } catch {
                _ = close(directory)
                throw error
            }
        } catch {
            switch error.code {
            case ENOTSOCK: throw .badAddress("\(name.path) exists and is not a socket")
            case EWOULDBLOCK: throw .badAddress("another process has locked the directory of \(name.path)")
            default: throw ListenError(error, address: address)
            }
        }
    }

    private init(directory: Int32, fileName: String, identity: Identity, socket: Int32) {
        self.directory = directory
        self.fileName = fileName
        self.identity = identity
        self.socket = Locked(socket)
    }

    deinit {
        remove()
        _ = close(directory)
    }

    /// Removes the file if it is still the one that was created. May be called from any thread, and repeatedly.
    func remove() {
        socket.withLock { socket in
            guard let descriptor = socket.take() else { return }
            if Self.identity(of: fileName, in: directory) == identity { _ = unsafe unlinkat(directory, fileName, 0) }
            _ = close(descriptor)
        }
    }

    private static func openDirectory(of path: String) throws(SystemError) -> (Int32, fileName: String) {
        let slash = path.lastIndex(of: "/")
        let fileName = slash.map { String(path[path.index(after: $0)...]) } ?? path
        let parent = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let directory = unsafe open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw SystemError("open", code: errno) }
        return (directory, fileName)
    }

    private static func lock(_ directory: Int32) throws(SystemError) {
        var attempt = 1
        while flock(directory, LOCK_EX | LOCK_NB) != 0 {
            let failure = errno
            guard failure == EWOULDBLOCK || failure == EINTR, attempt < lockAttemptCount else {
                throw SystemError("flock", code: failure)
            }
            attempt += 1
            usleep(lockPause)
        }
    }

    /// Returns whether a server listens at the path. Removes a socket that no server uses. Requires the lock.
    private static func isTaken(
        _ fileName: String, in directory: Int32, _ name: UnixSocketName
    ) throws(SystemError) -> Bool {
        guard let status = status(of: fileName, in: directory) else { return false }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError("bind", code: ENOTSOCK) }
        if try isAlive(name) { return true }
        guard unsafe unlinkat(directory, fileName, 0) == 0 || errno == ENOENT else {
            throw SystemError("unlink", code: errno)
        }
        return false
    }

    private static func isAlive(_ name: UnixSocketName) throws(SystemError) -> Bool {
        let probe = try UnixSocketName.streamSocket()
        defer { _ = close(probe) }
        let status = unsafe name.withSockaddr { unsafe connect(probe, $0, $1) }
        switch status == 0 ? 0 : errno {
        // ENOENT: its server has removed it in the meantime.
        case ECONNREFUSED, ENOENT: return false
        // EAGAIN: its queue is full. EPROTOTYPE: it is used, for datagrams.
        case 0, EAGAIN, EPROTOTYPE: return true
        case let failure: throw SystemError("connect", code: failure)
        }
    }

    /// Sets the mode before the socket listens, so that no client can connect before. Requires the lock.
    private static func make(
        _ fileName: String, in directory: Int32, _ name: UnixSocketName, mode: UInt32, backlog: Int32
    ) throws(SystemError) -> (descriptor: Int32, file: UnixSocketFile) {
        let descriptor = try UnixSocketName.streamSocket()
        var isBound = false
        do throws(SystemError) {
            guard unsafe name.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
                throw SystemError("bind", code: errno)
            }
            isBound = true
            guard unsafe fchmodat(directory, fileName, mode, 0) == 0, Glibc.listen(descriptor, backlog) == 0 else {
                throw SystemError("listen", code: errno)
            }
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw SystemError("fcntl", code: errno) }
            guard let identity = identity(of: fileName, in: directory) else {
                _ = close(copy)
                throw SystemError("stat", code: ENOENT)
            }
            let file = UnixSocketFile(directory: directory, fileName: fileName, identity: identity, socket: copy)
            return (descriptor, file)
        } catch {
            if isBound { _ = unsafe unlinkat(directory, fileName, 0) }
            _ = close(descriptor)
            throw error
        }
    }

    private static func identity(of fileName: String, in directory: Int32) -> Identity? {
        status(of: fileName, in: directory).map { Identity(device: UInt64($0.st_dev), inode: UInt64($0.st_ino)) }
    }

    /// The status of the file itself, not of what a symbolic link points to; nil if it doesn't exist.
    private static func status(of fileName: String, in directory: Int32) -> stat? {
        var status = stat()
        return unsafe fstatat(directory, fileName, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status : nil
    }
}
