import CHyperURing
import CPlatform
import Glibc
import Platform

/// A listening socket of one reactor: TCP, or Unix.
///
/// Each reactor has a TCP socket of its own on the shared address: the kernel spreads new connections over them
/// (SO_REUSEPORT), so no two reactors wait for the same queue. That is not possible for Unix sockets and inherited
/// sockets: there, each reactor has a descriptor of the same socket; see `sharesQueue`.
///
/// No other server may share the address. So the first socket listens before it permits sharing: if two sockets do so
/// at the same moment, the kernel refuses at least one, and afterwards it admits only sockets with SO_REUSEPORT, which
/// a server's first socket never has when it is bound. Linux checks SO_REUSEPORT of both sockets when the second is
/// bound, so the first may set it late.
struct Listener: ~Copyable, Sendable {
    /// The options that accepted connections inherit without a system call each, and the length of the queue.
    struct Options {
        /// The number of connections that the kernel completes before they are accepted.
        var backlog: Int32 = 4096
        /// Seconds after which the kernel sends keep-alive probes to a silent peer; 0 for never.
        var keepAliveSeconds: Int32 = 0
        /// How long an address that is in use is tried again. The kernel may close the sockets of a process some
        /// milliseconds after its end: those that an io_uring refers to, after SIGKILL.
        var retryMilliseconds = 1000

        /// The seconds between two probes. A lost peer is noticed after about twice `keepAliveSeconds`: that time, and
        /// three probes at a third of it each.
        ///
        /// The kernel sends no probes to a peer while it has unacknowledged bytes. TCP_USER_TIMEOUT is no remedy: Linux
        /// also counts the time in which a live peer keeps its window closed. See `Patience` for what is done instead.
        var keepAliveInterval: Int32 { max(1, keepAliveSeconds / Options.keepAliveCount) }
        static let keepAliveCount: Int32 = 3
    }

    let descriptor: Int32
    /// The address that the socket listens on, with the port that the kernel chose if 0 was requested.
    let address: ListenerAddress
    /// Whether other reactors accept from the same queue.
    ///
    /// All of them then wait as exclusive waiters, of which the kernel wakes one for each connection instead of all. It
    /// prefers the first in its wait queue. So a reactor moves to the end after each connection that it accepts;
    /// otherwise a reactor that is seldom busy would get nearly all connections.
    let sharesQueue: Bool
    /// Whether the process has inherited the socket, so that other processes may accept from it too.
    let isInherited: Bool

    /// The maximum number of attempts to listen while other sockets try to listen at the same moment.
    private static let attemptCount = 20

    /// Takes ownership of a listening descriptor.
    init(descriptor: Int32, address: ListenerAddress, sharesQueue: Bool = false, isInherited: Bool = false) {
        self.descriptor = descriptor
        self.address = address
        self.sharesQueue = sharesQueue
        self.isInherited = isInherited
    }

    deinit { _ = Glibc.close(descriptor) }

    /// Listens on the first free address that `host` resolves to. Port 0 takes a free port. With `isShared`, other
    /// listeners may join.
    static func open(
        host: String, port: Int, options: Options = Options(), isShared: Bool = false
    ) throws(ListenError) -> Listener {
        var failure = ListenError.badAddress("\(host) has no address")
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

    /// Joins another TCP listener of this process, which is shared and has this address and descriptor.
    static func open(
        sharing address: SocketAddress, descriptor: Int32, options: Options = Options()
    ) throws(ListenError) -> Listener {
        do throws(SystemError) {
            return try listening(on: address, options, sharesPort: true)
        } catch {
            // Kernels of sandboxes may check SO_REUSEPORT of the first socket only when that is bound. The reactors
            // then wait for one queue, which is slower and less even.
            let copy = error.code == EADDRINUSE ? fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1
            guard copy >= 0 else { throw ListenError(error, address: .tcp(address)) }
            return Listener(descriptor: copy, address: .tcp(address))
        }
    }

    /// Returns a listener with another descriptor of the same socket.
    func copy() throws(ListenError) -> Listener {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListenError(SystemError("fcntl", code: errno), address: address) }
        return Listener(descriptor: copy, address: address, sharesQueue: sharesQueue, isInherited: isInherited)
    }

    /// Makes the kernel refuse further clients, where that is possible. Connections in the queue can still be accepted.
    func refuseNew() {
        // Another process may continue to use an inherited socket. For a Unix socket, removing its file is enough.
        guard case .tcp = address, !isInherited else { return }
        _ = hs_listener_refuse_new(descriptor)
    }

    /// Listens on an address that no other socket listens on.
    private static func alone(on address: SocketAddress, _ options: Options) throws(SystemError) -> Listener {
        var attempt = 1
        var retries = AddressRetries(options)
        while true {
            do throws(SystemError) {
                return try listening(on: address, options, sharesPort: false)
            } catch SystemError("bind", code: EADDRINUSE) where retries.pause() {
                continue
            } catch {
                // The socket was bound, so no other one listened at that moment. If several sockets are bound, the
                // kernel may refuse all of them; the first to try again gets the address, and the others then can't
                // bind.
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
        // A server may start while connections of its predecessor are in TIME_WAIT.
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

    /// Sets the options that accepted TCP sockets inherit.
    static func setOptions(of descriptor: Int32, _ options: Options) {
        let tcp = Int32(IPPROTO_TCP)
        set(descriptor, tcp, TCP_NODELAY)
        if options.keepAliveSeconds > 0 {
            set(descriptor, SOL_SOCKET, SO_KEEPALIVE)
            set(descriptor, tcp, TCP_KEEPIDLE, to: options.keepAliveSeconds)
            set(descriptor, tcp, TCP_KEEPINTVL, to: options.keepAliveInterval)
            set(descriptor, tcp, TCP_KEEPCNT, to: Options.keepAliveCount)
        }
        // A connection becomes ready to accept with its first bytes, or a second later without any: one wake-up instead
        // of two for a connection with one request, and no cost for those that never send one.
        set(descriptor, tcp, TCP_DEFER_ACCEPT)
    }

    private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, to value: Int32 = 1) {
        var value = value
        // These options exist on every kernel that has epoll; if one were refused, there would be no remedy.
        _ = unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }
}

/// The pauses before an address that is in use is tried again.
struct AddressRetries {
    private static let firstPause = 4_000
    private static let longestPause = 250_000

    /// The next pause, and what is left of the time, in microseconds.
    private var next = firstPause
    private var left: Int

    init(_ options: Listener.Options) { left = options.retryMilliseconds * 1000 }

    /// Waits before the next attempt. Returns false at once if the time is over.
    mutating func pause() -> Bool {
        guard left > 0 else { return false }
        usleep(UInt32(min(next, left)))
        left -= next
        next = min(next * 2, Self.longestPause)
        return true
    }
}
