import CPlatform
import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import Reactor

@Suite("Listener")
struct ListenerTests {
    /// Another server's socket, listening on a port of the kernel's choice.
    private struct OtherServer: ~Copyable {
        let descriptor: Int32
        let port: Int

        init(sharesPort: Bool) throws {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            self.descriptor = descriptor
            var one: Int32 = 1
            for option in [SO_REUSEADDR] + (sharesPort ? [SO_REUSEPORT] : []) {
                _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &one, 4)
            }
            let address = try SocketAddress.resolve(host: "127.0.0.1", port: 0)[0]
            let isBound = unsafe address.withSockaddr { unsafe bind(descriptor, $0, $1) } == 0
            try #require(isBound && listen(descriptor, 1) == 0)
            port = try #require(SocketAddress(boundTo: descriptor)?.port)
        }

        deinit { close(descriptor) }
    }

    /// An address in use is tried once.
    private static let once = Listener.Options(retryMilliseconds: 0)

    private func error(host: String, port: Int) -> ListenError? {
        do throws(ListenError) {
            _ = try Listener.open(host: host, port: port, options: Self.once)
            return nil
        } catch {
            return error
        }
    }

    @Test("Port 0 takes a free port and reports it")
    func freePort() throws {
        let listener = try Listener.open(host: "127.0.0.1", port: 0)
        #expect(listener.socketAddress.port > 0)
        #expect(listener.socketAddress.host == "127.0.0.1")
    }

    @Test("Listeners of one server share an address, and the kernel spreads connections evenly")
    func shared() throws {
        let first = try Listener.open(host: "127.0.0.1", port: 0, isShared: true)
        let second = try Listener.open(sharing: first.socketAddress, descriptor: first.descriptor)
        #expect(second.socketAddress.port == first.socketAddress.port)
        #expect(inode(first.descriptor) != inode(second.descriptor), "each has a queue of its own")
        let (all, own) = try connections(300, to: first)
        defer { for client in all { close(client) } }
        #expect((75...225).contains(own))
        #expect(error(host: "127.0.0.1", port: first.socketAddress.port) != nil, "other servers can't join")
    }

    @Test("If the kernel does not let a listener join, the reactors share the first one's queue")
    func duplicated() throws {
        // Not shared: binding beside it fails.
        let first = try Listener.open(host: "127.0.0.1", port: 0)
        let second = try Listener.open(sharing: first.socketAddress, descriptor: first.descriptor)
        #expect(second.descriptor != first.descriptor && second.socketAddress.port == first.socketAddress.port)
        #expect(inode(first.descriptor) == inode(second.descriptor))
    }

    @Test("Of two servers that start at the same moment, exactly one gets the address", arguments: [false, true])
    func startedTogether(isShared: Bool) async throws {
        let host = "127.77.1.2"
        for _ in 0..<25 {
            let port = try Listener.open(host: host, port: 0).socketAddress.port
            let refusals = Locked<[ListenError]>([])
            let listeners = Locked(0)
            let meeting = Meeting(count: 4)
            let threads = (0..<4).map { _ in
                inBackground {
                    do throws(ListenError) {
                        let listener = try Listener.open(
                            host: host, port: port, options: Self.once, isShared: isShared)
                        listeners.withLock { $0 += 1 }
                        // Kept until all have tried.
                        meeting.meet()
                        _ = listener
                    } catch {
                        refusals.withLock { $0.append(error) }
                        meeting.meet()
                    }
                }
            }
            for thread in threads { thread.wait() }
            #expect(listeners.withLock { $0 } == 1)
            #expect(refusals.withLock { $0 } == Array(repeating: .addressInUse("\(host):\(port)"), count: 3))
        }
    }

    @Test("Accepted connections inherit the keep-alive options", arguments: [0, 1, 15] as [Int32])
    func keepAlive(seconds: Int32) throws {
        let listener = try Listener.open(
            host: "127.0.0.1", port: 0, options: Listener.Options(keepAliveSeconds: seconds))
        let client = try connected(to: listener)
        var poll = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(unsafe Glibc.poll(&poll, 1, 20_000) == 1)
        let accepted = hs_accept_nonblocking(listener.descriptor)
        defer { for descriptor in [client, accepted] { close(descriptor) } }
        #expect(option(accepted, SOL_SOCKET, SO_KEEPALIVE) == (seconds > 0 ? 1 : 0))
        guard seconds > 0 else { return }
        #expect(option(accepted, Int32(IPPROTO_TCP), TCP_KEEPIDLE) == seconds)
        #expect(option(accepted, Int32(IPPROTO_TCP), TCP_KEEPINTVL) == max(1, seconds / 3))
        #expect(option(accepted, Int32(IPPROTO_TCP), TCP_KEEPCNT) == 3)
    }

    /// A barrier that releases threads once all of them have arrived.
    private final class Meeting: Sendable {
        private let missing: Atomic<Int>

        init(count: Int) { missing = Atomic(count) }

        func meet() {
            missing.subtract(1, ordering: .acquiringAndReleasing)
            while missing.load(ordering: .acquiring) > 0 { usleep(100) }
        }
    }

    private func connected(to listener: borrowing Listener) throws -> Int32 {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(unsafe listener.socketAddress.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
        // A connection can be accepted once its first bytes have arrived.
        try #require(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
        return client
    }

    /// Makes connections. Returns them, and how many of them this listener accepted.
    private func connections(_ count: Int, to listener: borrowing Listener) throws -> ([Int32], Int) {
        var clients: [Int32] = []
        for _ in 0..<count { clients.append(try connected(to: listener)) }
        var accepted = 0
        var poll = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        while unsafe Glibc.poll(&poll, 1, 200) == 1 {
            close(hs_accept_nonblocking(listener.descriptor))
            accepted += 1
        }
        return (clients, accepted)
    }

    private func option(_ descriptor: Int32, _ level: Int32, _ name: Int32) -> Int32 {
        var value: Int32 = -1
        var length: socklen_t = 4
        // As many bytes as an int has.
        _ = unsafe getsockopt(descriptor, level, name, &value, &length)
        return value
    }

    private func inode(_ descriptor: Int32) -> UInt64 {
        var status = stat()
        _ = unsafe fstat(descriptor, &status)
        return UInt64(status.st_ino)
    }

    @Test("A port of another server is refused, even if that server permits sharing", arguments: [false, true])
    func portInUse(sharesPort: Bool) throws {
        let other = try OtherServer(sharesPort: sharesPort)
        let refusal = try #require(error(host: "127.0.0.1", port: other.port))
        #expect(refusal == .addressInUse("127.0.0.1:\(other.port)"))
        #expect("\(refusal)" == "127.0.0.1:\(other.port) is in use by another server; choose another port")
    }

    @Test("A port is free as soon as its server is gone, even with connections in TIME_WAIT")
    func portIsFreeAgain() throws {
        let port: Int
        // An address of this test's own: on the usual one, another test's client may be assigned the port.
        let host = "127.77.1.1"
        do {
            let listener = try Listener.open(host: host, port: 0)
            port = listener.socketAddress.port
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            #expect(unsafe listener.socketAddress.withSockaddr { unsafe Glibc.connect(client, $0, $1) } == 0)
            // A connection can be accepted once its first bytes have arrived.
            #expect(unsafe send(client, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
            // The side that closes first keeps the connection in TIME_WAIT.
            var accepted: Int32 = -1
            for _ in 0..<200 where accepted < 0 {
                usleep(10_000)
                accepted = hs_accept_nonblocking(listener.descriptor)
            }
            #expect(accepted >= 0)
            close(accepted)
            close(client)
        }
        // A process that another test starts holds a copy of the listener for a moment. TIME_WAIT lasts a minute.
        for _ in 0..<200 where error(host: host, port: port) != nil { usleep(10_000) }
        #expect(error(host: host, port: port) == nil)
    }

    @Test("An address that is not one of this machine is refused")
    func foreignAddress() {
        #expect(error(host: "192.0.2.1", port: 0) == .badAddress("192.0.2.1 is not an address of this machine"))
    }

    @Test("A privileged port without the privilege is refused")
    func noPermission() async {
        await #expect(processExitsWith: .success) {
            // Drops root privileges, if the process has them.
            #expect(geteuid() != 0 || setuid(65_534) == 0)
            let error = ListenerTests().error(host: "127.0.0.1", port: 1)
            #expect(error == .permissionDenied("127.0.0.1:1"))
            #expect(error?.description.hasPrefix("no permission to listen on 127.0.0.1:1;") == true)
        }
    }

    @Test("Without a free descriptor it throws `noDescriptors`")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            var usual = rlimit()
            #expect(unsafe getrlimit(resource, &usual) == 0)
            let highest = dup(0)
            var limit = rlimit(rlim_cur: rlim_t(highest), rlim_max: usual.rlim_max)
            close(highest)
            #expect(unsafe setrlimit(resource, &limit) == 0)
            let error = ListenerTests().error(host: "127.0.0.1", port: 0)
            // A process under a sanitizer opens files when it ends.
            #expect(unsafe setrlimit(resource, &usual) == 0)
            #expect(error == .noDescriptors)
            #expect(
                "\(ListenError.noDescriptors)" == "cannot listen: too many open files; raise the limit with ulimit -n")
        }
    }
}
