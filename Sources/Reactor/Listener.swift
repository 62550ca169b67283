import CPlatform
import Glibc

/// A listening TCP socket. Several share one address, one for each reactor: the kernel spreads new connections over
/// them (SO_REUSEPORT), so no two reactors ever wait for the same queue.
struct Listener: ~Copyable, Sendable {
    let descriptor: Int32
    /// Where it listens; with the port that the kernel chose if 0 was asked for.
    let address: SocketAddress

    /// Listens on the first address that `host` stands for and that can be had. Port 0 takes a free port.
    static func open(host: String, port: Int, backlog: Int32) throws(ListenError) -> Listener {
        var failure = ListenError.badAddress("\(host) stands for no address")
        for candidate in try SocketAddress.resolve(host: host, port: port) {
            do throws(SystemError) {
                // SO_REUSEPORT alone would let a second server take half of the first one's connections without a
                // word, so an address is probed without it first.
                if port != 0 { close(try bound(to: candidate, sharesPort: false)) }
                return try listening(on: candidate, backlog: backlog)
            } catch {
                failure = ListenError(error, address: candidate)
            }
        }
        throw failure
    }

    /// Listens beside another listener of this process, on the same address and port.
    static func open(sharing address: SocketAddress, backlog: Int32) throws(ListenError) -> Listener {
        do throws(SystemError) {
            return try listening(on: address, backlog: backlog)
        } catch {
            throw ListenError(error, address: address)
        }
    }

    private init(descriptor: Int32, address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
    }

    deinit { _ = Glibc.close(descriptor) }

    private static func listening(on address: SocketAddress, backlog: Int32) throws(SystemError) -> Listener {
        let descriptor = try bound(to: address, sharesPort: true)
        guard listen(descriptor, backlog) == 0 else {
            let failure = errno
            close(descriptor)
            throw SystemError("listen", code: failure)
        }
        return Listener(descriptor: descriptor, address: SocketAddress(boundTo: descriptor) ?? address)
    }

    private static func bound(to address: SocketAddress, sharesPort: Bool) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket", code: errno) }
        // A server may start again while connections of the last one are in TIME_WAIT.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        // Accepted sockets inherit it: no call per connection.
        set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        if sharesPort { set(descriptor, SOL_SOCKET, SO_REUSEPORT) }
        // A connection is handed over with its first bytes, or a second later without any: one wake-up instead of two
        // for a connection with one request, and nothing is spent on those that never ask.
        set(descriptor, Int32(IPPROTO_TCP), TCP_DEFER_ACCEPT)
        guard unsafe address.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            let failure = errno
            close(descriptor)
            throw SystemError("bind", code: failure)
        }
        return descriptor
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
        var one: Int32 = 1
        // These options exist on every kernel that has epoll; there is nothing to do if one were refused.
        _ = unsafe setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}
