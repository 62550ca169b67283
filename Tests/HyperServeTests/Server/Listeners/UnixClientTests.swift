import Glibc
import HyperServe
import TestSupport
import Testing

/// Clients of Unix sockets have no address, which matters where addresses are counted or shown.
@Suite("Clients of Unix sockets")
struct UnixClientTests {
    private let folder = TemporaryFolder()

    @Test("are shown as unix:, to handlers and in logs", arguments: DriverKind.allCases)
    func shown(driver: DriverKind) async throws {
        let lines = LogLines()
        let refusals = Events()
        let log = AccessLog(.combined) { lines.add($0) }
        let records = LogLines()
        let jsonLog = AccessLog(.json) { records.add($0) }
        var router = Router()
        router.use(log)
        router.use(jsonLog)
        for (path, mode) in [("/", HandlerMode.inline), ("/blocking", .blocking)] {
            router.get(path, mode) { request in
                .text("\(request.peerAddress.map { "\($0) \($0.host) \($0.port) \($0.kind)" } ?? "nobody")")
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { refusals.add("\($0)") }
        }
        try await withListeners(
            driver, router, [.unix(path: folder.file("shown.sock"))], configure: configure
        ) { server in
            let client = try RawClient(to: server.addresses[0])
            for path in ["/", "/blocking"] { #expect(try client.get(path).text == "unix: unix: 0 unix") }
            try client.send("nonsense\r\n\r\n")
            #expect(try client.readResponse().status == 400)
        }
        log.flush()
        jsonLog.flush()
        #expect(lines.all.count == 2 && lines.all.allSatisfy { $0.hasPrefix("unix: - - [") })
        #expect(records.all.count == 2 && records.all.allSatisfy { $0.contains(#""client":"unix:""#) })
        #expect(refusals.all.contains { $0.hasSuffix(" peer=unix: status=400") }, "\(refusals.all)")
    }

    @Test("count only against the limit of all connections, of every listener", arguments: DriverKind.allCases, [1, 3])
    func limits(driver: DriverKind, threads: Int) async throws {
        var router = Router()
        router.get("/next") { _ in .text("ok") }
        let listeners: [ServerConfiguration.Listener] = [.unix(path: folder.file("limits.sock")), .tcp(port: 0)]
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.maximumConnections = 6
            configuration.maximumConnectionsPerAddress = 2
        }
        try await withListeners(driver, threads: threads, router, listeners, configure: configure) { server in
            func client(_ listener: Int) throws -> RawClient { try RawClient(to: server.addresses[listener]) }
            func expectRefusal(_ listener: Int) throws {
                let response = try client(listener).get("/next")
                #expect(response.status == 503 && response.headers["connection"] == "close")
            }
            var clients: [RawClient] = []
            for listener in [0, 0, 0, 1, 1] {
                clients.append(try client(listener))
                try clients.last!.expectService()
            }
            // The third of one address; on the Unix socket there is room for one.
            try expectRefusal(1)
            clients.append(try client(0))
            try clients.last!.expectService()
            try expectRefusal(0)
            try expectRefusal(1)
            for client in clients { try client.expectService() }
            clients.removeFirst()
            var isServed = false
            for _ in 0..<500 where !isServed {
                isServed = try client(0).get("/next").status == 200
                if !isServed { usleep(20_000) }
            }
            #expect(isServed, "there is room again")
        }
    }

    @Test("are one client to a rate limit")
    func rateLimit() async throws {
        var router = Router()
        router.use(RateLimit(3, per: .seconds(3600)))
        router.get("/") { _ in .text("ok") }
        let listeners: [ServerConfiguration.Listener] = [
            .unix(path: folder.file("a.sock")), .unix(path: folder.file("b.sock")), .tcp(port: 0),
        ]
        try await withListeners(.epoll, router, listeners) { server in
            let statuses = try [0, 1, 0, 1, 0, 2].map { try RawClient(to: server.addresses[$0]).get("/").status }
            #expect(statuses == [200, 200, 200, 429, 429, 200])
        }
    }
}
