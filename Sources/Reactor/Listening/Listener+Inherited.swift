import CHyperURing
import Glibc
import Platform

// Sockets that the process has inherited, and that listen already.
extension Listener {
    /// A copy of the socket with this descriptor, which listens already.
    static func open(
        inherited descriptor: Int32, options: Options = Options(), sharesQueue: Bool = false
    ) throws(ListenError) -> Listener {
        let address = try Self.address(ofInherited: descriptor)
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw ListenError(SystemError("fcntl", code: errno), address: address) }
        // A reactor must not block in accept because another one was faster. This changes the socket for all processes.
        let flags = fcntl(copy, F_GETFL)
        _ = fcntl(copy, F_SETFL, flags | O_NONBLOCK)
        if case .tcp = address { setOptions(of: copy, options) }
        return Listener(descriptor: copy, address: address, sharesQueue: sharesQueue, isInherited: true)
    }

    private static func address(ofInherited descriptor: Int32) throws(ListenError) -> ListenerAddress {
        guard fcntl(descriptor, F_GETFD) >= 0 else { throw .badAddress("descriptor \(descriptor) is not open") }
        guard option(descriptor, SO_TYPE) == Int32(SOCK_STREAM.rawValue) else {
            throw .badAddress("descriptor \(descriptor) is not a stream socket")
        }
        guard option(descriptor, SO_ACCEPTCONN) == 1 else {
            throw .badAddress("descriptor \(descriptor) is a socket that does not listen")
        }
        if let name = UnixSocketName(boundTo: descriptor) { return .unix(path: name.path) }
        guard let address = SocketAddress(boundTo: descriptor) else {
            throw .badAddress("descriptor \(descriptor) is neither a TCP nor a Unix socket")
        }
        return .tcp(address)
    }

    private static func option(_ descriptor: Int32, _ name: Int32) -> Int32? {
        var value: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        // As many bytes as an int has.
        return unsafe getsockopt(descriptor, SOL_SOCKET, name, &value, &length) == 0 ? value : nil
    }
}
