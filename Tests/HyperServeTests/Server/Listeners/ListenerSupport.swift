import Glibc
import HyperServe
import TestSupport
import Testing

@testable import Reactor

extension RawClient {
    /// Connects to the address of a listener, or throws `cannotConnect`.
    convenience init(to address: ListenerAddress) throws(Failure) {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotConnect(errno) }
        self.init(connected: descriptor)
        guard address.connect(descriptor) == 0 else { throw .cannotConnect(errno) }
    }
}

extension ListenerAddress {
    fileprivate var family: Int32 {
        switch self {
        case .tcp(let address): address.family
        case .unix: AF_UNIX
        }
    }

    /// Connects a socket, like the system call.
    fileprivate func connect(_ descriptor: Int32) -> Int32 {
        switch self {
        case .tcp(let address): unsafe address.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
        case .unix(let path): unsafe UnixSocketName(path)!.withSockaddr { unsafe Glibc.connect(descriptor, $0, $1) }
        }
    }
}

extension ProcessFiles {
    /// Number of open sockets that are bound to a path, including its connections.
    static func socketCount(at path: String) -> Int {
        var (count, descriptor) = (0, Int32(0))
        // Not over a range, which takes far too long without optimization under ThreadSanitizer.
        while descriptor < 4096 {
            if UnixSocketName(boundTo: descriptor)?.path == path { count += 1 }
            descriptor += 1
        }
        return count
    }
}

/// The file type and the permissions of a path, or nil if there is no file.
func fileKindAndMode(_ path: String) -> (kind: UInt32, mode: UInt32)? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    return (status.st_mode & S_IFMT, status.st_mode & 0o777)
}

/// Serves at `listeners` while `body` runs on its own thread. Everything must be released in the end.
func withListeners(
    _ driver: DriverKind, threads: Int = 2, _ router: Router, _ listeners: [ServerConfiguration.Listener],
    configure: (inout ServerConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (_ server: Server) throws -> Void
) async throws {
    var configuration = ServerConfiguration(threads: threads, driver: driver)
    configuration.listeners = listeners
    configuration.shutdownTimeout = .seconds(5)
    for time in [\ServerConfiguration.idleTimeout, \.headTimeout, \.transferGrace, \.handlerTimeout] {
        configuration[keyPath: time] = .seconds(300)
    }
    configure(&configuration)
    let server = try Server(router: router, configuration: configuration)
    try await server.start()
    let paths = server.addresses.compactMap { address in
        if case .unix(let path) = address { path } else { nil }
    }
    let result = await Result { try await onOwnThread { try body(server) } }
    let (leaks, open) = try await onOwnThread {
        (
            server.stopListingLeaks(),
            paths.filter { path in ProcessFiles.settled(0) { ProcessFiles.socketCount(at: path) } > 0 }
        )
    }
    try result.get()
    #expect(leaks == [] && open == [])
    #expect(server.addresses.isEmpty && server.port == nil)
}

extension Result where Failure == any Error {
    /// The result of an async function.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
