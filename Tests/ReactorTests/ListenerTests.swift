import CPlatform
import Glibc
import Testing

@testable import Reactor

@Suite("Listener")
struct ListenerTests {
    /// A socket of somebody else's, listening on a port of the kernel's choice.
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

    private func error(host: String, port: Int) -> ListenError? {
        do throws(ListenError) {
            _ = try Listener.open(host: host, port: port, backlog: 16)
            return nil
        } catch {
            return error
        }
    }

    @Test("Port 0 takes a free port, and says which")
    func freePort() throws {
        let listener = try Listener.open(host: "127.0.0.1", port: 0, backlog: 16)
        #expect(listener.address.port > 0)
        #expect(listener.address.host == "127.0.0.1")
    }

    @Test("Listeners of one server share an address")
    func shared() throws {
        let first = try Listener.open(host: "127.0.0.1", port: 0, backlog: 16)
        let second = try Listener.open(sharing: first.address, backlog: 16)
        #expect(second.address.port == first.address.port)
        #expect(second.descriptor != first.descriptor)
    }

    @Test("A port of another server is refused, also when that server would share it", arguments: [false, true])
    func portInUse(sharesPort: Bool) throws {
        let other = try OtherServer(sharesPort: sharesPort)
        let refusal = try #require(error(host: "127.0.0.1", port: other.port))
        #expect(refusal == .addressInUse("127.0.0.1:\(other.port)"))
        #expect("\(refusal)" == "127.0.0.1:\(other.port) is in use by another server; choose another port")
    }

    @Test("A port is free again as soon as its server is gone, although connections are not forgotten yet")
    func portIsFreeAgain() throws {
        let port: Int
        // An address of this test's own: on the usual one, a client elsewhere may be given the port.
        let host = "127.77.1.1"
        do {
            let listener = try Listener.open(host: host, port: 0, backlog: 16)
            port = listener.address.port
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            #expect(unsafe listener.address.withSockaddr { unsafe connect(client, $0, $1) } == 0)
            // A listener hands connections over with their first bytes.
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
        // A process that another test is starting holds a copy of the listener for a moment. TIME_WAIT lasts a minute.
        for _ in 0..<200 where error(host: host, port: port) != nil { usleep(10_000) }
        #expect(error(host: host, port: port) == nil)
    }

    @Test("An address that is none of this machine's is refused")
    func foreignAddress() {
        #expect(error(host: "192.0.2.1", port: 0) == .badAddress("192.0.2.1 is not an address of this machine"))
    }

    @Test("A privileged port without the privilege is refused")
    func noPermission() async {
        await #expect(processExitsWith: .success) {
            // An ordinary user from here on, if it was root before.
            #expect(geteuid() != 0 || setuid(65_534) == 0)
            let error = ListenerTests().error(host: "127.0.0.1", port: 1)
            #expect(error == .permissionDenied("127.0.0.1:1"))
            #expect(error?.description.hasPrefix("no permission to listen on 127.0.0.1:1;") == true)
        }
    }

    @Test("Without descriptors it says so")
    func noDescriptors() async {
        await #expect(processExitsWith: .success) {
            let highest = dup(0)
            var usual = rlimit()
            #expect(unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &usual) == 0)
            var limit = rlimit(rlim_cur: rlim_t(highest), rlim_max: usual.rlim_max)
            close(highest)
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let error = ListenerTests().error(host: "127.0.0.1", port: 0)
            #expect(error == .noDescriptors)
            // A sanitizer opens files at the end.
            #expect(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &usual) == 0)
            #expect(
                "\(ListenError.noDescriptors)" == "cannot listen: too many open files; raise the limit with ulimit -n")
        }
    }
}
