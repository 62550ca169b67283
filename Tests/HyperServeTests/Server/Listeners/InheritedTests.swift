import Glibc
import HyperServe
import TestSupport
import Testing

@testable import Reactor

/// Sockets that listen already, as a service manager passes them.
@Suite("Inherited listeners")
struct InheritedTests {
    private let folder = TemporaryFolder()
    private static var router: Router {
        var router = Router()
        router.get("/") { _ in .text("served") }
        return router
    }

    /// Makes a socket blocking, as systemd passes it.
    private static func makeBlocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) & ~O_NONBLOCK)
    }

    @Test(
        "are served, and stay open with their waiting clients for the next server", arguments: DriverKind.allCases,
        [1, 2])
    func served(driver: DriverKind, threads: Int) async throws {
        let path = folder.file("inherited.sock")
        let tcp = try Listener.open(host: "127.0.0.1", port: 0)
        let name = try #require(UnixSocketName(path))
        let (unix, file) = try UnixSocketFile.listen(on: name, mode: 0o600, backlog: 16)
        defer {
            file.remove()
            close(unix)
        }
        let listeners = [tcp.descriptor, unix].map { ServerConfiguration.Listener.inherited(descriptor: $0) }
        let expected = [tcp.address, .unix(path: path)]
        for descriptor in [tcp.descriptor, unix] { Self.makeBlocking(descriptor) }
        for _ in 0..<2 {
            // Not `withListeners`: its leaks would be the sockets that stay.
            var configuration = ServerConfiguration(threads: threads, driver: driver)
            configuration.listeners = listeners
            let server = try Server(router: Self.router, configuration: configuration)
            try await onOwnThread {
                // Before the server has started.
                let early = try expected.map { try RawClient(to: $0) }
                for client in early { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
                try server.start()
                #expect(server.addresses == expected)
                for client in early { #expect(try client.readResponse().text == "served") }
                for address in expected { #expect(try RawClient(to: address).get("/").text == "served") }
                server.stop()
            }
            #expect(Leaks.list(server.statistics) == [])
            #expect(ProcessFiles.settled(2) { ProcessFiles.socketCount(at: path) } == 2)
            #expect(fileKindAndMode(path)?.kind == S_IFSOCK, "the file belongs to the owner of the socket")
        }
        withExtendedLifetime(tcp.descriptor) {}
    }

    @Test("must be sockets that listen")
    func refused() throws {
        func reason(_ descriptor: Int32) throws -> String? {
            var configuration = ServerConfiguration(threads: 1)
            configuration.listeners = [.inherited(descriptor: descriptor)]
            let server = try Server(router: Router(), configuration: configuration)
            let error = #expect(throws: ServerError.self) { try server.start() }
            return error?.description
        }
        let file = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        let idle = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let datagram = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { for descriptor in [file, idle, datagram] { close(descriptor) } }
        #expect(try reason(1_000_000) == "cannot listen: descriptor 1000000 is not open")
        #expect(try reason(file) == "cannot listen: descriptor \(file) is not a stream socket")
        #expect(try reason(datagram) == "cannot listen: descriptor \(datagram) is not a stream socket")
        #expect(try reason(idle) == "cannot listen: descriptor \(idle) is a socket that does not listen")
    }
}
