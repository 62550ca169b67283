import Glibc
import Testing

@testable import Reactor

/// A check that every driver must pass.
protocol DriverCheck {
    func run<KernelDriver: Driver & ~Copyable>(on bench: inout DriverBench<KernelDriver>) throws
}

/// Runs a check on a new driver of the kind. All its buffers must be released at the end.
func perform(_ check: some DriverCheck, on kind: DriverKind) throws {
    switch kind {
    case .ioUring:
        var bench = DriverBench(try UringDriver(configuration: DriverConfiguration()))
        try check.run(on: &bench)
        #expect(bench.driver.buffersInUse == 0)
    case .epoll:
        var bench = DriverBench(try EpollDriver(configuration: DriverConfiguration()))
        try check.run(on: &bench)
        #expect(bench.driver.buffersInUse == 0)
    }
}

/// A copy of a completion and its bytes, which may be read after the release.
struct SeenCompletion {
    let kind: Operation.Kind
    let token: Token
    let result: Int32
    let isFinal: Bool
    let text: String
}

/// A driver, and a timer that keeps a check from hanging.
struct DriverBench<KernelDriver: Driver & ~Copyable>: ~Copyable {
    var driver: KernelDriver
    private var isTimerSet = false

    init(_ driver: consuming KernelDriver) {
        self.driver = driver
    }

    /// Returns the completions of one turn, and releases them. At the latest, the turn ends with the timer.
    mutating func turn(within nanoseconds: Int64 = 200_000_000) throws -> [SeenCompletion] {
        if !isTimerSet { driver.submit(.timer(nanoseconds: nanoseconds), .none) }
        isTimerSet = true
        try driver.wait(blocks: true)
        var seen: [SeenCompletion] = []
        while let completion = driver.nextCompletion() {
            if completion.kind == .timer { isTimerSet = false }
            // Valid until the completion is released.
            let text = unsafe String(decoding: completion.bytes, as: UTF8.self)
            seen.append(
                SeenCompletion(
                    kind: completion.kind, token: completion.token, result: completion.result,
                    isFinal: completion.isFinal, text: text))
            driver.release(completion)
        }
        return seen
    }

    /// Makes turns until there is a completion of this kind and returns it; nil if there is none in many turns.
    mutating func next(_ kind: Operation.Kind, within nanoseconds: Int64 = 200_000_000) throws -> SeenCompletion? {
        for _ in 0..<20 {
            if let found = try turn(within: nanoseconds).first(where: { $0.kind == kind }) { return found }
        }
        return nil
    }
}

/// Two connected sockets: the driver's, in the mode in which a driver accepts it, and a non-blocking peer.
struct SocketPair: ~Copyable {
    /// The driver's socket, which the driver or the check closes.
    let own: Int32
    private(set) var peer: Int32

    init(for kind: DriverKind) throws {
        var descriptors: (Int32, Int32) = (-1, -1)
        let kindOfSocket = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let status = unsafe withUnsafeMutableBytes(of: &descriptors) { bytes in
            // The call fills two adjacent integers.
            unsafe socketpair(AF_UNIX, kindOfSocket, 0, bytes.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        try #require(status == 0)
        (own, peer) = descriptors
        _ = fcntl(peer, F_SETFL, O_NONBLOCK)
        if kind == .epoll { _ = fcntl(own, F_SETFL, O_NONBLOCK) }
    }

    /// Creates a pair over TCP, where connections can be reset.
    static func connected(for kind: DriverKind) throws -> SocketPair {
        let listener = try Listener.open(host: "127.0.0.1", port: 0)
        let peer = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        try #require(unsafe listener.socketAddress.withSockaddr { unsafe connect(peer, $0, $1) } == 0)
        // A connection can be accepted once its first bytes have arrived.
        try #require(unsafe Glibc.send(peer, "x", 1, Int32(MSG_NOSIGNAL)) == 1)
        var ready = pollfd(fd: listener.descriptor, events: Int16(POLLIN), revents: 0)
        try #require(unsafe poll(&ready, 1, 20_000) == 1)
        let own = accept(listener.descriptor, nil, nil)
        var first: UInt8 = 0
        let count = unsafe recv(own, &first, 1, 0)
        try #require(own >= 0 && count == 1)
        if kind == .epoll { _ = fcntl(own, F_SETFL, O_NONBLOCK) }
        return SocketPair(own: own, peer: peer)
    }

    private init(own: Int32, peer: Int32) {
        self.own = own
        self.peer = peer
    }

    deinit { if peer >= 0 { close(peer) } }

    /// Makes the peer drop all packets without acknowledging them.
    func vanishPeer() {
        // A sock_filter, which Swift doesn't import: "return 0 bytes of the packet" is code 6, and all other fields are
        // 0.
        var drop: UInt64 = UInt64(littleEndian: 6)
        unsafe withUnsafeMutablePointer(to: &drop) { code in
            // A sock_fprog: a count of 16 bits, padding, and the address.
            var program = [UInt(littleEndian: 1), UInt(bitPattern: code)]
            #expect(unsafe setsockopt(peer, SOL_SOCKET, SO_ATTACH_FILTER, &program, 16) == 0)
        }
    }

    /// Resets the connection. The RST has arrived when this returns.
    mutating func resetPeer() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(peer, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        closePeer()
        var gone = pollfd(fd: own, events: Int16(POLLIN), revents: 0)
        _ = unsafe poll(&gone, 1, 20_000)
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(unsafe Glibc.write(peer, bytes, bytes.count) == bytes.count)
    }

    /// Returns the bytes that have arrived at the peer; nil after FIN.
    func read() -> String? {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe Glibc.read(peer, &bytes, bytes.count)
        return count == 0 ? nil : String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
    }

    mutating func closePeer() {
        close(peer)
        peer = -1
    }
}
