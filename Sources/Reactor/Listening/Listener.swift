import CHyperURing
import CPlatform
import Glibc
import Platform

/// A listening socket of one reactor: TCP, or Unix.
///
/// Several TCP sockets share one address, one for each reactor: the kernel spreads new connections over them
/// (SO_REUSEPORT), so no two reactors ever wait for the same queue. That is not possible for Unix sockets and inherited
/// sockets: there, each reactor has a descriptor of the same socket; see `sharesQueue`.
///
/// No other server may share the address. So the first socket listens before it permits sharing: of two sockets that
/// do so at the same moment the kernel refuses at least one, and afterwards only those that ask for sharing get in,
/// which a server's first one never does. Linux looks at SO_REUSEPORT of both sockets when the second is bound, so the
/// first may be given it late.
struct Listener: ~Copyable, Sendable {
    /// What accepted connections inherit, at no system call of theirs, and how many wait to be accepted.
    struct Options {
        /// Connections that the kernel completes before they are accepted.
        var backlog: Int32 = 4096
        /// Seconds after which the kernel asks a silent peer whether it is still there; 0 for never.
        var keepAliveSeconds: Int32 = 0

        /// A peer that is gone is noticed after about twice the time: that, and three questions at a third of it each.
        ///
        /// The kernel asks no peer that it has bytes for. Not by TCP_USER_TIMEOUT: Linux counts against it how long a
        /// peer keeps its window closed, also while that answers. See `Patience` for what is done instead.
        var keepAliveInterval: Int32 { max(1, keepAliveSeconds / Options.keepAliveCount) }
        static let keepAliveCount: Int32 = 3
    }

    let descriptor: Int32
    /// Where it listens; with the port that the kernel chose if 0 was asked for.
    let address: ListenerAddress
    /// Whether other reactors accept from the same queue.
    ///
    /// All of them then wait as exclusive waiters, of which the kernel wakes one for each connection instead of all. It
    /// prefers the first in its wait queue. So a reactor moves to the end after each connection that it accepts;
    /// otherwise one that is seldom busy would get nearly all connections.
    let sharesQueue: Bool
    /// Whether the process has inherited the socket, so that other processes may accept from it too.
    let isInherited: Bool

    /// Times that listening is tried when another socket was about to listen at the same moment.
    private static let attemptCount = 20

    /// Takes over a descriptor that listens.
    init(descriptor: Int32, address: ListenerAddress, sharesQueue: Bool = false, isInherited: Bool = false) {
        self.descriptor = descriptor
        self.address = address
        self.sharesQueue = sharesQueue
        self.isInherited = isInherited
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Listens on the first address that `host` stands for and that is free. Port 0 takes a free port. Others may join
    /// it if it `isShared`.
    static func open(
        host: String, port: Int, options: Options = Options(), isShared: Bool = false
    ) throws(ListenError) -> Listener {
        var failure = ListenError.badAddress("\(host) stands for no address")
        for candidate in try SocketAddress.resolve(host: host, port: port) {
            do throws(SystemError) {
                let listener = try alone(on: candidate, options)
                if isShared { set(listener.descriptor, SOL_SOCKET, SO_REUSEPORT) }
                return listener
            } catch {
                failure = ListenError(error, address: .tcp(candidate))
            }
        }
        throw failure
    }

    /// Listens beside another TCP listener of this process, which others may join and has this address and descriptor.
    static func open(
        sharing address: SocketAddress, descriptor: Int32, options: Options = Options()
    ) throws(ListenError) -> Listener {
        do throws(SystemError) {
            return try listening(on: address, options, sharesPort: true)
        } catch {
            // Kernels of sandboxes may look at SO_REUSEPORT of the first socket only when that is bound. The reactors
            // then wait for one queue, which is slower and not as even.
            let copy = error.code == EADDRINUSE ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1
            guard copy >= 0 else { throw ListenError(error, address: .tcp(address)) }
            return Listener(descriptor: copy, address: .tcp(address))
        }
    }

    /// Another descriptor of the same socket.
    func copy() throws(ListenError) -> Listener {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListenError(SystemError("fcntl", code: errno), address: address) }
        return Listener(descriptor: copy, address: address, sharesQueue: sharesQueue, isInherited: isInherited)
    }

    /// Has the kernel refuse further clients, where that is possible. Connections in the queue can still be accepted.
    func refuseNew() {
        // Another process may go on with an inherited socket. For a Unix socket, removing its file has the same effect.
        guard case .tcp = address, !isInherited else { return }
        _ = hs_listener_refuse_new(descriptor)
    }

    /// Listens where nobody else does.
    private static func alone(on address: SocketAddress, _ options: Options) throws(SystemError) -> Listener {
        var attempt = 1
        while true {
            do throws(SystemError) {
                return try listening(on: address, options, sharesPort: false)
            } catch {
                // Bound, so nobody listens, or did so when that was looked at. When several are this far, the kernel
                // may refuse all of them; who tries again first gets the address, and the rest can't bind then.
                guard error == SystemError("listen", code: EADDRINUSE), attempt < attemptCount else { throw error }
                attempt += 1
                usleep(UInt32.random(in: 100...5000))
            }
        }
    }

    private static func listening(
        on address: SocketAddress, _ options: Options, sharesPort: Bool
    ) throws(SystemError) -> Listener {
        let descriptor = try bound(to: address, options, sharesPort: sharesPort)
        guard listen(descriptor, options.backlog) == 0 else {
            let failure = errno
            close(descriptor)
            throw SystemError("listen", code: failure)
        }
        return Listener(descriptor: descriptor, address: .tcp(SocketAddress(boundTo: descriptor) ?? address))
    }

    private static func bound(
        to address: SocketAddress, _ options: Options, sharesPort: Bool
    ) throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket", code: errno) }
        // A server may start again while connections of the last one are in TIME_WAIT.
        set(descriptor, SOL_SOCKET, SO_REUSEADDR)
        setOptions(of: descriptor, options)
        if sharesPort { set(descriptor, SOL_SOCKET, SO_REUSEPORT) }
        guard unsafe address.withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 else {
            let failure = errno
            close(descriptor)
            throw SystemError("bind", code: failure)
        }
        return descriptor
    }

    /// What accepted TCP sockets inherit: no call per connection.
    static func setOptions(of descriptor: Int32, _ options: Options) {
        let tcp = Int32(IPPROTO_TCP)
        set(descriptor, tcp, TCP_NODELAY)
        if options.keepAliveSeconds > 0 {
            set(descriptor, SOL_SOCKET, SO_KEEPALIVE)
            set(descriptor, tcp, TCP_KEEPIDLE, to: options.keepAliveSeconds)
            set(descriptor, tcp, TCP_KEEPINTVL, to: options.keepAliveInterval)
            set(descriptor, tcp, TCP_KEEPCNT, to: Options.keepAliveCount)
        }
        // A connection is handed over with its first bytes, or a second later without any: one wake-up instead of two
        // for a connection with one request, and nothing is spent on those that never ask.
        set(descriptor, tcp, TCP_DEFER_ACCEPT)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, to value: Int32 = 1) {
        var value = value
        // These options exist on every kernel that has epoll; there is nothing to do if one were refused.
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}
