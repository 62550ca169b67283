import Glibc
import HyperServe
import Synchronization
import TestSupport
import Testing

/// A server with several listeners of different kinds.
@Suite("Several listeners")
struct SeveralListenersTests {
    private static func routes(_ name: String) -> Router {
        var router = Router()
        router.get("/") { _ in .text(name) }
        router.post("/echo") { request in .bytes(request.body.bytes) }
        return router
    }

    private let folder = TemporaryFolder()

    @Test(
        "are each served, with the server's routes or their own", arguments: DriverKind.allCases, [1, 2])
    func served(driver: DriverKind, threads: Int) async throws {
        let path = folder.file("http.sock")
        let listeners: [ServerConfiguration.Listener] = [
            .unix(path: path), .tcp(port: 0), .tcp(host: "::1", port: 0), .tcp(port: 0, router: Self.routes("admin")),
            .unix(path: "@hs-\(getpid())-\(driver.rawValue)-\(threads)", router: Self.routes("abstract")),
        ]
        try await withListeners(driver, threads: threads, Self.routes("main"), listeners) { server in
            let addresses = server.addresses
            #expect(addresses.count == 5 && addresses[0] == .unix(path: path))
            guard case .tcp(let first) = addresses[1], case .tcp(let second) = addresses[2] else {
                Issue.record("the second and third are TCP: \(addresses)")
                return
            }
            #expect(first.host == "127.0.0.1" && first.port == server.port && second.host == "::1")
            #expect(server.address?.port == server.port && first.port > 0 && second.port > 0)
            for _ in 0..<4 {
                let clients = try addresses.map { try RawClient(to: $0) }
                for _ in 0..<3 {
                    let texts = try clients.map { try $0.get("/").text }
                    #expect(texts == ["main", "main", "main", "admin", "abstract"])
                }
            }
            #expect(fileKindAndMode(path)?.mode == 0o660)
        }
        #expect(folder.names == [], "the file is removed, and nothing else is left")
    }

    @Test("send large bodies and last responses completely", arguments: DriverKind.allCases)
    func largeBodies(driver: DriverKind) async throws {
        let path = folder.file("large.sock")
        var router = Self.routes("main")
        router.get("/stream") { _ in
            .stream { writer in
                for _ in 0..<100 { try await writer.write([UInt8](repeating: 0x62, count: 10_000)) }
            }
        }
        try await withListeners(driver, router, [.unix(path: path)]) { server in
            let body = [UInt8](repeating: 0x61, count: 1_000_000)
            for connection in ["keep-alive", "close"] {
                let client = try RawClient(to: server.addresses[0])
                let head =
                    "POST /echo HTTP/1.1\r\nHost: a\r\nConnection: \(connection)\r\nContent-Length: 1000000\r\n\r\n"
                let sender = client.sending(Array(head.utf8) + body)
                let response = try client.readResponse()
                #expect(response.status == 200 && response.body == body)
                sender.wait()
                if connection == "close" {
                    #expect(try client.readToEnd().isEmpty)
                } else {
                    #expect(try client.get("/stream").body.count == 1_000_000)
                }
            }
            // The end of the client's direction is not the end of the connection.
            let halfClosed = try RawClient(to: server.addresses[0])
            try halfClosed.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            halfClosed.finish()
            #expect(try halfClosed.readResponse().text == "main")
            #expect(try halfClosed.readToEnd().isEmpty)
        }
    }

    @Test("share one queue fairly where they can't have one for each reactor", arguments: DriverKind.allCases)
    func fair(driver: DriverKind) async throws {
        let listeners: [ServerConfiguration.Listener] = [.unix(path: folder.file("fair.sock"))]
        try await withListeners(driver, threads: 4, Self.routes("main"), listeners) { server in
            var clients: [RawClient] = []
            for _ in 0..<80 {
                let client = try RawClient(to: server.addresses[0])
                #expect(try client.get("/").text == "main")
                clients.append(client)
            }
            // One after the other, so that the same reactor could be the first each time.
            let counts = server.statistics.map(\.acceptedConnections)
            #expect(counts.reduce(0, +) == 80 && counts.allSatisfy { $0 >= 10 }, "\(counts)")
        }
    }

    @Test("let requests in progress finish when the server stops", arguments: DriverKind.allCases)
    func drains(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/") { _ async throws in
            events.count()
            while !events.has("stopping") { try await Task.sleep(for: .milliseconds(5)) }
            return .text("drained")
        }
        let listeners: [ServerConfiguration.Listener] = [
            .tcp(port: 0), .unix(path: folder.file("a.sock")), .unix(path: folder.file("b.sock"), router: router),
        ]
        try await withListeners(driver, router, listeners) { server in
            let addresses = server.addresses
            let clients = try addresses.map { try RawClient(to: $0) }
            for client in clients { try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            while events.counted < clients.count { usleep(1000) }
            let stop = inBackground { server.stop() }
            for address in addresses.dropFirst() {
                // The file is removed first, then the socket is closed.
                while (try? RawClient(to: address)) != nil { usleep(1000) }
                #expect(throws: RawClient.Failure.cannotConnect(ENOENT)) { try RawClient(to: address) }
            }
            events.add("stopping")
            for client in clients {
                #expect(try client.readResponse().text == "drained")
                #expect(try client.readToEnd().isEmpty)
            }
            stop.wait()
        }
    }

    @Test("respond on every accepted connection, and refuse the rest", arguments: DriverKind.allCases)
    func stopsUnderLoad(driver: DriverKind) async throws {
        let listeners: [ServerConfiguration.Listener] = [.unix(path: folder.file("load.sock"))]
        let failures = Mutex<[String]>([])
        let responses = Atomic<Int>(0)
        try await withListeners(driver, Self.routes("main"), listeners) { server in
            let address = server.addresses[0]
            let clients = (0..<8).map { _ in
                inBackground {
                    while let client = try? RawClient(to: address) {
                        do {
                            let text = try client.get("/").text
                            if text == "main" { responses.add(1, ordering: .relaxed) }
                        } catch {
                            failures.withLock { $0.append("\(error)") }
                        }
                    }
                }
            }
            while responses.load(ordering: .relaxed) < 100 { usleep(1000) }
            server.stop()
            for client in clients { client.wait() }
        }
        #expect(failures.withLock { $0 } == [])
    }

    @Test("have their routes replaced separately", arguments: DriverKind.allCases)
    func replacesRoutes(driver: DriverKind) async throws {
        let listeners: [ServerConfiguration.Listener] = [
            .tcp(port: 0), .unix(path: folder.file("admin.sock"), router: Self.routes("admin")),
        ]
        try await withListeners(driver, Self.routes("main"), listeners) { server in
            let clients = try server.addresses.map { try RawClient(to: $0) }
            func texts() throws -> [String] { try clients.map { try $0.get("/").text } }
            #expect(try texts() == ["main", "admin"])
            try server.replaceRoutes(with: Self.routes("main 2"))
            #expect(try texts() == ["main 2", "admin"])
            try server.replaceRoutes(ofListener: 1, with: Self.routes("admin 2"))
            #expect(try texts() == ["main 2", "admin 2"])
            #expect(server.routeTableStatistics.replacementCount == 2)
            // The first has no routes of its own; there are no others.
            for index in [0, 2, -1, .min, .max] {
                let error = ServerError.invalidConfiguration("listener \(index) has no router of its own")
                #expect(throws: error) { try server.replaceRoutes(ofListener: index, with: Self.routes("none")) }
            }
            #expect(try texts() == ["main 2", "admin 2"])
        }
    }

    @Test("have routes of their own that are checked like the server's, blocking ones too")
    func ownRoutes() async throws {
        var bad = Router()
        bad.get("/{a}") { _ in .text("a") }
        bad.get("/{b}") { _ in .text("b") }
        var configuration = ServerConfiguration()
        configuration.listeners = [.tcp(port: 0), .tcp(port: 0, router: bad)]
        #expect(throws: RouteError.self) { try Server(router: Router(), configuration: configuration) }
        var blocking = Router()
        blocking.get("/", .blocking) { _ in .text("blocked") }
        try await withListeners(.epoll, Router(), [.tcp(port: 0, router: blocking)]) { server in
            let text = try RawClient(to: server.addresses[0]).get("/").text
            #expect(text == "blocked")
        }
    }
}
