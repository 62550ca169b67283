import CPlatform
import Glibc
import HTTP1
import HTTPCore
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Reactor

@Suite("Unix socket")
struct UnixSocketTests {
    private let folder = TemporaryFolder()

    /// Listens, as a reactor group does.
    private static func listen(_ path: String, mode: UInt32 = 0o600) throws(ListenError) -> ListenerSource {
        let options = Listener.Options(retryMilliseconds: 0)
        return try ListenerSource(.unix(path: path, mode: mode), reactorCount: 1, options: options)
    }

    private static func error(_ path: String) -> ListenError? {
        do throws(ListenError) {
            _ = try listen(path)
            return nil
        } catch {
            return error
        }
    }

    /// Connects. Returns 0 or the errno.
    private static func connect(_ path: String) throws -> Int32 {
        let name = try #require(UnixSocketName(path))
        let client = try UnixSocketName.streamSocket()
        defer { close(client) }
        return unsafe name.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0 ? 0 : errno
    }

    /// Leaves a socket file as a server does that ends without stopping.
    private static func leaveStaleFile(_ path: String, type: __socket_type = SOCK_STREAM) throws {
        let name = try #require(UnixSocketName(path))
        let descriptor = socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        try #require(unsafe name.withSockaddr { unsafe bind(descriptor, $0, $1) } == 0)
    }

    private static func identity(_ path: String) -> UInt64? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }

    // MARK: - Names

    @Test("The kernel's form of a name has exactly its length", arguments: ["/a", "a", "@a", "@", "/ä/ö"])
    func names(path: String) throws {
        let name = try #require(UnixSocketName(path))
        #expect(name.isAbstract == path.hasPrefix("@"))
        let (family, count) = unsafe name.withSockaddr { (Int32(unsafe $0.pointee.sa_family), Int($1)) }
        // A zero byte ends a path, and begins a name without a file.
        #expect(family == AF_UNIX && count == 2 + path.utf8.count + (path.hasPrefix("@") ? 0 : 1))
    }

    @Test("Names that do not fit are refused, and those that do are bound")
    func limit() throws {
        let room = 107 - folder.path.utf8.count - 1
        let (longest, tooLong) = (
            folder.file(String(repeating: "a", count: room)), folder.file(String(repeating: "b", count: room + 1))
        )
        #expect(UnixSocketName.maximumByteCount == 107 && longest.utf8.count == 107)
        let source = try Self.listen(longest)
        #expect(try Self.connect(longest) == 0)
        #expect(source.address == .unix(path: longest))
        for path in [tooLong, "", "a\0b"] {
            #expect(UnixSocketName(path) == nil)
            #expect(Self.error(path) == .badAddress("a path has 1 to 107 bytes, and none is zero: \(path)"))
        }
    }

    @Test("An abstract name can be taken once")
    func abstract() throws {
        let path = "@hs-test-\(getpid())"
        do {
            let source = try Self.listen(path)
            #expect(source.file == nil && "\(source.address)" == "unix:\(path)")
            #expect(try Self.connect(path) == 0)
            #expect(Self.error(path) == .addressInUse("unix:\(path)"))
            let listener = try source.next()
            #expect(UnixSocketName(boundTo: listener.descriptor)?.path == path)
        }
        // A program that another test starts has the socket, too, for a moment.
        let isFree = try (0..<500).contains { _ in
            if try Self.connect(path) == ECONNREFUSED { return true }
            usleep(10_000)
            return false
        }
        #expect(isFree)
        #expect(UnixSocketName(boundTo: -1) == nil)
    }

    // MARK: - Files

    @Test(
        "The file has its mode before any client can connect, whatever the umask",
        arguments: [0o600, 0o666, 0] as [UInt32])
    func mode(mode: UInt32) throws {
        let path = folder.file("mode.sock")
        do {
            let source = try Self.listen(path, mode: mode)
            var status = stat()
            #expect(unsafe lstat(path, &status) == 0 && status.st_mode == S_IFSOCK | mode)
            #expect(source.file != nil)
        }
        #expect(folder.names == [])
    }

    @Test("The socket file of a dead server is replaced", arguments: [false, true])
    func stale(isDatagram: Bool) throws {
        let path = folder.file("stale.sock")
        try Self.leaveStaleFile(path, type: isDatagram ? SOCK_DGRAM : SOCK_STREAM)
        #expect(try Self.connect(path) == ECONNREFUSED)
        let source = try Self.listen(path)
        #expect(try Self.connect(path) == 0)
        source.file?.remove()
        #expect(folder.names == [])
    }

    @Test("A running server keeps its path, even if its queue is full")
    func living() throws {
        let path = folder.file("living.sock")
        let (descriptor, file) = try UnixSocketFile.listen(on: #require(UnixSocketName(path)), mode: 0o600, backlog: 1)
        defer { close(descriptor) }
        let inode = Self.identity(path)
        let inUse = ListenError.addressInUse("unix:\(path)")
        #expect(Self.error(path) == inUse)
        #expect("\(inUse)" == "unix:\(path) is in use by another server; choose another path")
        // No connection is accepted.
        var waiting: [Int32] = []
        while true {
            let client = try UnixSocketName.streamSocket()
            waiting.append(client)
            let status = try unsafe #require(UnixSocketName(path)).withSockaddr { unsafe Glibc.connect(client, $0, $1) }
            if status != 0 { break }
        }
        for client in waiting { close(client) }
        #expect(Self.error(path) == inUse)
        #expect(Self.identity(path) == inode)
        file.remove()
        #expect(folder.names == [])
    }

    @Test("A datagram socket in use is left alone")
    func livingDatagram() throws {
        let path = folder.file("datagram.sock")
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        let name = try #require(UnixSocketName(path))
        try #require(unsafe name.withSockaddr { unsafe bind(descriptor, $0, $1) } == 0)
        #expect(Self.error(path) == .addressInUse("unix:\(path)"))
        #expect(folder.names == ["datagram.sock"])
    }

    @Test("A file that is not a socket is never removed", arguments: ["file", "folder", "link", "dangling"])
    func notASocket(kind: String) throws {
        let path = folder.file(kind)
        switch kind {
        case "file": close(unsafe open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0o600))
        case "folder": unsafe mkdir(path, 0o700)
        case "link":
            // A link to a dead server's socket, which may have been created on purpose.
            try Self.leaveStaleFile(folder.file("target"))
            unsafe symlink(folder.file("target"), path)
        default: unsafe symlink(folder.file("nothing"), path)
        }
        let before = (folder.names, Self.identity(path))
        #expect(Self.error(path) == .badAddress("\(path) exists and is not a socket"))
        #expect((folder.names, Self.identity(path)) == before)
    }

    @Test("A path in a missing directory is refused")
    func noDirectory() {
        let path = folder.file("no/such.sock")
        #expect(Self.error(path) == .badAddress("the directory of \(path) does not exist"))
    }

    @Test("A directory without write permission is refused")
    func noPermission() async {
        await #expect(processExitsWith: .success) {
            // Drops root privileges, if the process has them.
            let path = "/hs-test.sock"
            #expect(geteuid() != 0 || setuid(65_534) == 0)
            let error = UnixSocketTests.error(path)
            #expect(error == .permissionDenied("unix:\(path)"))
            #expect(error?.description.hasPrefix("no permission to listen on unix:\(path);") == true)
        }
    }

    @Test("A server removes only its own file")
    func removesItsOwn() throws {
        let path = folder.file("own.sock")
        let first = try Self.listen(path)
        // The file was removed meanwhile, and another server has created one.
        unsafe unlink(path)
        let second = try Self.listen(path)
        let inode = Self.identity(path)
        first.file?.remove()
        #expect(Self.identity(path) == inode && inode != nil)
        #expect(try Self.connect(path) == 0)
        second.file?.remove()
        second.file?.remove()
        #expect(folder.names == [])
    }

    @Test("A starting server waits for the directory's lock")
    func waitsForLock() throws {
        let directory = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #expect(flock(directory, LOCK_EX) == 0)
        let isUnlocked = Atomic<Bool>(false)
        let unlocking = inBackground { [path = folder.path] in
            usleep(200_000)
            #expect(!path.isEmpty)
            isUnlocked.store(true, ordering: .sequentiallyConsistent)
            close(directory)
        }
        let source = try Self.listen(folder.file("locked.sock"))
        #expect(isUnlocked.load(ordering: .sequentiallyConsistent) && source.file != nil)
        unlocking.wait()
    }

    @Test(
        "If servers start at one path at the same moment, exactly one serves, and it leaves no file",
        arguments: [false, true])
    func startedTogether(isStale: Bool) throws {
        let path = folder.file("race.sock")
        for _ in 0..<25 {
            if isStale { try Self.leaveStaleFile(path) }
            let refusals = Locked<[ListenError]>([])
            let served = Atomic<Int>(0)
            let missing = Atomic<Int>(4)
            let threads = (0..<4).map { _ in
                inBackground {
                    // None stops before all have tried.
                    func meet() {
                        missing.subtract(1, ordering: .acquiringAndReleasing)
                        while missing.load(ordering: .acquiring) > 0 { usleep(100) }
                    }
                    do throws(ListenError) {
                        let source = try Self.listen(path)
                        meet()
                        if (try? Self.connect(path)) == 0 { served.add(1, ordering: .relaxed) }
                        source.file?.remove()
                    } catch {
                        refusals.withLock { $0.append(error) }
                        meet()
                    }
                }
            }
            for thread in threads { thread.wait() }
            #expect(served.load(ordering: .relaxed) == 1)
            #expect(refusals.withLock { $0 } == Array(repeating: .addressInUse("unix:\(path)"), count: 3))
            #expect(folder.names == [])
        }
    }

    // MARK: - Clients

    @Test("A client of a Unix socket has an address of that kind")
    func peer() throws {
        let path = folder.file("peer.sock")
        let source = try Self.listen(path)
        let listener = try source.next()
        let client = try UnixSocketName.streamSocket()
        defer { close(client) }
        try #require(unsafe #require(UnixSocketName(path)).withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
        let accepted = hs_accept_nonblocking(listener.descriptor)
        defer { close(accepted) }
        let peer = try #require(SocketAddress(peerOf: accepted))
        #expect(peer == .unix && peer.kind == .unix && peer.family == AF_UNIX)
        #expect(peer.host == "unix:" && peer.port == 0 && "\(peer)" == "unix:")
        #expect(peer.clientKey == SocketAddress.unix.clientKey)
        for host in ["0.0.0.0", "::", "127.0.0.1"] {
            #expect(try SocketAddress.resolve(host: host, port: 0)[0].clientKey != peer.clientKey)
        }
        let (family, count) = unsafe peer.withSockaddr { (Int32(unsafe $0.pointee.sa_family), $1) }
        #expect(family == AF_UNIX && count == 2)
        var buffer = ByteBuffer(capacity: 64)
        peer.appendHost(to: &buffer)
        #expect(unsafe String(decoding: buffer.unsafeBytes, as: UTF8.self) == "unix:")
    }
}
