import Glibc
import TestSupport

/// A TCP client over loopback that sends bytes unchanged. All calls block, but for no more than a few
/// seconds.
final class RawClient {
    /// The failure of a connection.
    enum Failure: Error, Equatable {
        case noResponse
        case reset
        case cannotSend(Int32)
        case cannotConnect(Int32)
    }

    private let descriptor: Int32
    /// Bytes that were received and not read yet.
    private var received: [UInt8] = []

    /// Connects to a server that must be listening, from one of the loopback addresses. A small
    /// `receiveBufferByteCount` stops the server's sends early.
    convenience init(
        port: Int, at address: LoopbackAddress = .shared, from source: UInt32 = 0x7F00_0001,
        receiveBufferByteCount: Int32? = nil
    ) {
        do {
            try self.init(
                connectingTo: port, at: address, from: source, receiveBufferByteCount: receiveBufferByteCount)
        } catch {
            preconditionFailure("the server does not listen: \(error)")
        }
    }

    /// Connects, or throws `cannotConnect`.
    init(
        connectingTo port: Int, at address: LoopbackAddress = .shared, from source: UInt32 = 0x7F00_0001,
        receiveBufferByteCount: Int32? = nil
    ) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotConnect(errno) }
        // Each piece is sent at once.
        var one: Int32 = 1
        _ = unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        if var size = receiveBufferByteCount {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        if source != 0x7F00_0001 {
            let status = unsafe RawClient.withAddress(source, port: 0) { unsafe bind(descriptor, $0, $1) }
            precondition(status == 0, "the address is unavailable: errno \(errno)")
        }
        let status = unsafe RawClient.withAddress(address.number, port: port) { unsafe connect(descriptor, $0, $1) }
        var failure = status == 0 ? 0 : errno
        if failure == EINTR { failure = RawClient.resultOfConnecting(descriptor) }
        // The object is complete, so `deinit` closes it.
        guard failure == 0 else { throw .cannotConnect(failure) }
    }

    /// Takes over a connected socket.
    init(connected descriptor: Int32) {
        self.descriptor = descriptor
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The result of a connect that was interrupted and continued in the background.
    private static func resultOfConnecting(_ descriptor: Int32) -> Int32 {
        var failure: Int32 = 0
        var length: socklen_t = 4
        var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        // As many bytes as an int has.
        _ = retried { unsafe Glibc.poll(&poll, 1, 20_000) }
        _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
        return failure
    }

    private static func withAddress(
        _ host: UInt32, port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = host.bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            // The system calls take addresses of any family as this type.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit { _ = close(descriptor) }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { unsafe sendSome($0, from: offset, flags: 0) }
            guard count > 0 else { throw Failure.cannotSend(errno) }
            offset += count
        }
    }

    /// Sends as many bytes as the socket takes without waiting. Returns their number.
    func sendWithoutWaiting(_ bytes: [UInt8]) -> Int {
        max(0, unsafe bytes.withUnsafeBytes { unsafe sendSome($0, from: 0, flags: Int32(MSG_DONTWAIT)) })
    }

    private func sendSome(_ bytes: UnsafeRawBufferPointer, from offset: Int, flags: Int32) -> Int {
        retried {
            unsafe Glibc.send(
                descriptor, bytes.baseAddress! + offset, bytes.count - offset, flags | Int32(MSG_NOSIGNAL))
        }
    }

    /// Sends bytes on another thread, which the test waits for: all at once, or in pieces with pauses in
    /// between. It ends early if the server closes the connection.
    func sending(
        _ bytes: [UInt8], pieceByteCount: Int = .max, pauseMicroseconds: UInt32 = 0
    ) -> BackgroundThread {
        let descriptor = descriptor
        return inBackground {
            var offset = 0
            while offset < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { bytes in
                    retried {
                        unsafe Glibc.send(
                            descriptor, bytes.baseAddress! + offset, min(bytes.count - offset, pieceByteCount),
                            Int32(MSG_NOSIGNAL))
                    }
                }
                guard count > 0 else { return }
                offset += count
                if pauseMicroseconds > 0 { usleep(pauseMicroseconds) }
            }
        }
    }

    /// Sends FIN.
    func finish() { _ = shutdown(descriptor, Int32(SHUT_WR)) }

    /// Becomes unreachable for the server: packets from the server are dropped without an acknowledgment.
    func vanish() {
        // A sock_filter, which Swift doesn't see: "return 0 bytes of the packet" is 6, and all else in it 0.
        var drop: UInt64 = UInt64(littleEndian: 6)
        unsafe withUnsafeMutablePointer(to: &drop) { code in
            // A sock_fprog: a count of 16 bits, padding, and the address.
            var program = [UInt(littleEndian: 1), UInt(bitPattern: code)]
            let status = unsafe setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, 16)
            precondition(status == 0, "no filter: errno \(errno)")
        }
    }

    /// Ends the connection with a reset.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
        // The descriptor's number stays in use until `deinit`.
        let spare = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        _ = dup2(spare, descriptor)
        _ = close(spare)
    }

    /// Reads everything up to the end of the connection.
    func readToEnd() throws -> [UInt8] {
        while try fill() {}
        defer { received = [] }
        return received
    }

    /// Reads bytes up to and including `end`.
    func read(through end: String) throws -> String {
        let pattern = Array(end.utf8)
        var searched = 0
        while true {
            while searched + pattern.count <= received.count {
                if received[searched..<searched + pattern.count].elementsEqual(pattern) {
                    return String(decoding: take(searched + pattern.count), as: UTF8.self)
                }
                searched += 1
            }
            guard try fill() else { throw Failure.noResponse }
        }
    }

    func read(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            guard try fill(count - received.count) else { throw Failure.noResponse }
        }
        return take(count)
    }

    private func take(_ count: Int) -> [UInt8] {
        defer { received.removeFirst(count) }
        return Array(received[..<count])
    }

    /// Receives some more, of at most `count` bytes. Returns false at the end of the connection.
    private func fill(_ count: Int = .max) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: min(count, 64 * 1024))
        let count = unsafe buffer.withUnsafeMutableBytes { buffer in
            retried { unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0) }
        }
        let failure = errno
        guard count >= 0 else { throw failure == ECONNRESET ? Failure.reset : Failure.noResponse }
        received.append(contentsOf: buffer[..<count])
        return count > 0
    }
}

/// The result of a system call that is repeated when it was interrupted: a thread that has had a ring is, when the
/// kernel takes that ring apart, and calls with a time limit then return.
func retried<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
