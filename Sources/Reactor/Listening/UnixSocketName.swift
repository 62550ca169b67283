import CHyperURing
import Glibc
import Platform

/// The name that a Unix socket is bound to: a path, or, after "@", an abstract name that has no file.
package struct UnixSocketName {
    /// Bytes that fit into a `sockaddr_un`, without the zero byte at the end.
    package static let maximumByteCount = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// The path, or "@" and the abstract name.
    let path: String

    /// Whether it has no file.
    var isAbstract: Bool { path.utf8.first == UInt8(ascii: "@") }

    /// Creates a name; nil if it is empty, too long, or contains a zero byte.
    init?(_ path: String) {
        guard (1...Self.maximumByteCount).contains(path.utf8.count), !path.utf8.contains(0) else { return nil }
        self.path = path
    }

    /// The name that a Unix socket is bound to, empty if it has none; nil if the descriptor is no Unix socket.
    init?(boundTo descriptor: Int32) {
        var address = sockaddr_un()
        var count = socklen_t(MemoryLayout<sockaddr_un>.size)
        let status = unsafe withUnsafeMutableBytes(of: &address) { bytes in
            // `count` bytes at most; a longer name is cut off.
            unsafe getsockname(descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), &count)
        }
        guard status == 0, Int32(address.sun_family) == AF_UNIX else { return nil }
        let nameCount = min(Int(count), MemoryLayout<sockaddr_un>.size) - Self.nameOffset
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { unsafe Array($0.prefix(max(nameCount, 0))) }
        // A path ends with a zero byte, which `count` may include; an abstract name begins with one.
        let isAbstract = bytes.first == 0 && bytes.count > 1
        let name = isAbstract ? bytes.dropFirst() : bytes.prefix { $0 != 0 }
        path = (isAbstract ? "@" : "") + String(decoding: name, as: UTF8.self)
    }

    /// Calls `body` with the name in the form of the system calls.
    @unsafe
    func withSockaddr<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(path.utf8)
        if isAbstract { bytes[0] = 0 }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            // It fits: the initializers ensure it.
            unsafe room.copyBytes(from: bytes)
        }
        // The count delimits an abstract name. A zero byte, which the structure has in any case, delimits a path.
        let count = min(Self.nameOffset + bytes.count + (isAbstract ? 0 : 1), MemoryLayout<sockaddr_un>.size)
        return unsafe withUnsafeBytes(of: &address) { bytes in
            unsafe body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t(count))
        }
    }

    /// Listens at an abstract name. The caller owns the descriptor.
    func listenAtAbstractName(backlog: Int32) throws(SystemError) -> Int32 {
        let descriptor = try Self.streamSocket()
        var call = "bind"
        if unsafe withSockaddr({ unsafe bind(descriptor, $0, $1) }) == 0 {
            call = "listen"
            if listen(descriptor, backlog) == 0 { return descriptor }
        }
        let failure = errno
        _ = close(descriptor)
        throw SystemError(call, code: failure)
    }

    /// Creates a non-blocking socket that child processes don't inherit.
    static func streamSocket() throws(SystemError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw SystemError("socket", code: errno) }
        return descriptor
    }

    private static var nameOffset: Int { MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! }
}
