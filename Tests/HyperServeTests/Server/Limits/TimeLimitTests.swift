import Glibc
import HyperServe
import Testing

/// Timeouts of clients: one that is too slow is disconnected, one that is idle or reads is not. The exact times are
/// tested with a manual clock; here the timeouts that must pass are short, and those that must not are long.
@Suite("Limits of time")
struct TimeLimitTests {
    private static let short = Duration.milliseconds(100)
    /// Longer than `short`, in microseconds, for what must survive it.
    private static let pause: UInt32 = 400_000

    @Test("An incomplete head gets 408", arguments: DriverKind.allCases)
    func head(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.headTimeout = Self.short }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            // The timeout begins with the first byte, and not with the connection.
            usleep(Self.pause)
            try client.expectService()
            try client.send("GET / HTTP/1.1\r\nHost")
            try client.expectRefusal(408)
        }
    }

    @Test("A head within its timeout gets a response", arguments: DriverKind.allCases)
    func patientHead(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.transferGrace = Self.short }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost")
            usleep(Self.pause)
            try client.send(": a\r\n\r\n")
            #expect(try client.readResponse().text == "ok")
        }
    }

    @Test("A connection that is idle for too long is closed without a response", arguments: DriverKind.allCases)
    func idle(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.idleTimeout = Self.short }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let fresh = RawClient(port: port)
            #expect(try fresh.readToEnd() == [])
            // On a busy machine a connection may have been idle for too long before its first request.
            let clients = (0..<1000).lazy.map { _ in RawClient(port: port) }
            let used = try #require(clients.first { (try? $0.get("/").text) == "ok" })
            #expect(try used.readToEnd() == [])
        }
    }

    @Test("While a handler runs, the timeouts of head and body don't apply", arguments: DriverKind.allCases)
    func busy(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.headTimeout = Self.short
            configuration.transferGrace = Self.short
        }
        try await withServer(driver, limitRoutes(events), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            usleep(Self.pause)
            events.add("released")
            #expect(try client.readResponse().text == "held")
        }
    }

    @Test("A body that stalls gets 408", arguments: DriverKind.allCases)
    func body(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.transferGrace = Self.short }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            for rest in ["Content-Length: 10\r\n\r\nhello", "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"] {
                let client = RawClient(port: port)
                try client.send("POST /size HTTP/1.1\r\nHost: a\r\n\(rest)")
                try client.expectRefusal(408)
            }
        }
    }

    @Test("A body that pauses within its grace gets a response", arguments: DriverKind.allCases)
    func patientBody(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.headTimeout = Self.short }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            usleep(Self.pause)
            try client.send("hello")
            #expect(try client.readResponse().text == "10")
        }
    }

    @Test(
        "A client that does not read its response is disconnected, and others are not", arguments: DriverKind.allCases)
    func reading(driver: DriverKind) async throws {
        for isRead in [false, true] {
            let configure = { (configuration: inout ServerConfiguration) in
                if !isRead { configuration.transferGrace = Self.short }
                // Room for one, so that the next is served only after this one is closed.
                configuration.maximumConnections = 1
            }
            try await withServer(driver, limitRoutes(), configure: configure) { port in
                let client = RawClient(port: port, receiveBufferByteCount: 16 * 1024)
                try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
                if isRead {
                    _ = try client.read(through: "\r\n\r\n")
                    usleep(Self.pause)
                    #expect(try client.read(8 << 20).count == 8 << 20)
                } else {
                    // It never reads, so only the timeout can have ended it.
                    try RawClient.expectRoom(port: port)
                    withExtendedLifetime(client) {}
                }
            }
        }
    }

    @Test(
        "A client that slowly reads what its system and the server's have buffered is not disconnected",
        arguments: DriverKind.allCases)
    func readingSlowly(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.transferGrace = .seconds(1) }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port, receiveBufferByteCount: 64 * 1024)
            try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "\r\n\r\n")
            // The more it has read, the more the server's system takes at once: megabytes, of which a third must be
            // gone before it takes more.
            _ = try client.read(3 << 20)
            for _ in 0..<25 {
                usleep(200_000)
                _ = try client.read(20_000)
            }
            #expect(try client.read((5 << 20) - 500_000).count == (5 << 20) - 500_000)
        }
    }

    @Test(
        "A handler that takes too long gets its client 503, and another does not", arguments: DriverKind.allCases,
        ["/held", "/sleeping"])
    func handler(driver: DriverKind, path: String) async throws {
        let events = Events()
        defer { events.add("released") }
        var router = limitRoutes(events)
        router.get("/sleeping") { _ in
            try await Task.sleep(for: .seconds(600))
            return .text("never")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.handlerTimeout = Self.short
            configuration.blockingThreads = 1...1
        }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            try client.expectRefusal(503)
            events.add("released")
            // An inline handler has no timeout.
            try RawClient(port: port).expectService()
        }
    }
}
