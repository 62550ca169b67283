import Glibc
import Platform
import TestSupport
import Testing

@testable import Reactor

@Suite("The address of a server that is just ending")
struct AddressRetryTests {
    private let folder = TemporaryFolder()

    /// Listens, as a reactor group does.
    private static func listen(_ address: BindAddress, retryMilliseconds: Int) throws(ListenError) -> ListenerSource {
        let options = Listener.Options(retryMilliseconds: retryMilliseconds)
        return try ListenerSource(address, reactorCount: 1, options: options)
    }

    @Test("A port is taken once the kernel has closed the server's socket")
    func port() throws {
        // The kernel may close a copy of a descriptor later than the process: an io_uring has one.
        let host = "127.77.1.3"
        let (port, copy): (Int, Int32)
        do {
            let other = try Listener.open(host: host, port: 0)
            (port, copy) = (other.socketAddress.port, fcntl(other.descriptor, F_DUPFD_CLOEXEC, 0))
        }
        let address = BindAddress.tcp(host: host, port: port)
        #expect(throws: ListenError.addressInUse("\(host):\(port)")) { try Self.listen(address, retryMilliseconds: 0) }
        let ending = inBackground {
            usleep(100_000)
            close(copy)
        }
        let source = try Self.listen(address, retryMilliseconds: 20_000)
        ending.wait()
        #expect("\(source.address)" == "\(host):\(port)")
    }

    @Test(
        "The name of a Unix socket is taken in the same way, and other servers can lock the directory until then",
        arguments: [false, true])
    func name(isAbstract: Bool) throws {
        let path = isAbstract ? "@hs-ending-\(getpid())" : folder.file("ending.sock")
        let name = try #require(UnixSocketName(path))
        let descriptor = try UnixSocketName.streamSocket()
        try #require(unsafe name.withSockaddr { unsafe bind(descriptor, $0, $1) } == 0)
        try #require(Glibc.listen(descriptor, 64) == 0)
        let address = BindAddress.unix(path: path, mode: 0o600)
        #expect(throws: ListenError.addressInUse("unix:\(path)")) { try Self.listen(address, retryMilliseconds: 0) }
        let directory = unsafe open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        let ending = inBackground {
            usleep(100_000)
            #expect(flock(directory, LOCK_EX) == 0 && flock(directory, LOCK_UN) == 0)
            close(directory)
            close(descriptor)
        }
        let source = try Self.listen(address, retryMilliseconds: 20_000)
        ending.wait()
        let client = try UnixSocketName.streamSocket()
        defer { close(client) }
        #expect(unsafe name.withSockaddr { unsafe connect(client, $0, $1) } == 0)
        source.file?.remove()
    }

    @Test("An address in use is tried again for as long as the options say", arguments: [0, 3, 100])
    func pauses(milliseconds: Int) {
        var retries = AddressRetries(Listener.Options(retryMilliseconds: milliseconds))
        let start = Clock.nanoseconds()
        var count = 0
        while retries.pause() { count += 1 }
        #expect(Clock.nanoseconds() - start >= Int64(milliseconds) * 1_000_000)
        // 4, 8, 16, 32 and 40 milliseconds.
        #expect(count == [0: 0, 3: 1, 100: 5][milliseconds])
        #expect(Listener.Options().retryMilliseconds == 1000)
    }
}
