import Glibc
import HyperServe
import Testing

/// Limits of connections, requests, memory and threads.
@Suite("Limits of connections")
struct ConnectionLimitTests {
    @Test("A connection beyond the limit gets 503, until another one has ended", arguments: DriverKind.allCases)
    func connections(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumConnections = 3 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            var clients = (0..<3).map { _ in RawClient(port: port) }
            for client in clients { try client.expectService() }
            for _ in 0..<3 {
                let refused = RawClient(port: port)
                try refused.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try refused.expectRefusal(503)
            }
            for client in clients { try client.expectService() }
            clients.removeLast()
            try RawClient.expectRoom(port: port)
        }
    }

    @Test("Rejected connections, however many, don't keep others out for long", arguments: DriverKind.allCases)
    func refusals(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumConnections = 2 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            var clients = (0..<2).map { _ in RawClient(port: port) }
            for client in clients { try client.expectService() }
            // They never close their side, so the server keeps reading from them for a while.
            let refused = (0..<40).map { _ in RawClient(port: port) }
            for one in refused { try one.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n") }
            for one in refused { #expect(try one.readResponse().status == 503) }
            clients.removeAll()
            try RawClient.expectRoom(port: port)
            withExtendedLifetime(refused) {}
        }
    }

    @Test("An address may have as many connections as the limit, and so may others", arguments: DriverKind.allCases)
    func connectionsPerAddress(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumConnectionsPerAddress = 2 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            var clients: [RawClient] = []
            for source: UInt32 in [0x7F00_0001, 0x7F01_0203] {
                clients += (0..<2).map { _ in RawClient(port: port, from: source) }
                for client in clients { try client.expectService() }
                let refused = RawClient(port: port, from: source)
                try refused.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try refused.expectRefusal(503)
            }
            clients.removeLast()
            try RawClient.expectRoom(port: port, from: 0x7F01_0203)
        }
    }

    @Test(
        "A connection may make as many requests as the limit; the last response closes it",
        arguments: DriverKind.allCases)
    func requestsPerConnection(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumRequestsPerConnection = 3 }
        try await withServer(driver, limitRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            for _ in 0..<2 { try client.expectService() }
            try client.send(String(repeating: "GET / HTTP/1.1\r\nHost: a\r\n\r\n", count: 2))
            try client.expectRefusal(200)
        }
    }

    @Test("Waiting requests are received up to the limit, and the rest when there is room")
    func pipelinedBytes() async throws {
        for driver in DriverKind.allCases {
            let events = Events()
            let configure = { (configuration: inout ServerConfiguration) in
                configuration.maximumPipelinedByteCount = 64 * 1024
            }
            try await withServer(driver, limitRoutes(events), configure: configure) { port in
                let client = RawClient(port: port)
                try client.send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
                try events.wait(for: "begun")
                let body = [UInt8](repeating: 98, count: 60_000)
                let request = Array("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n".utf8) + body
                var sent = 0
                // The kernel buffers some megabytes for both sides; a server that kept receiving would take all of
                // this.
                var pauses = 0
                while sent < 64 << 20, pauses < 25 {
                    let taken = client.sendWithoutWaiting(Array(request[(sent % request.count)...]))
                    sent += taken
                    pauses = taken > 0 ? 0 : pauses + 1
                    if taken == 0 { usleep(20_000) }
                }
                #expect(sent < 48 << 20, "the server stops receiving")
                events.add("released")
                try client.send(Array(request[(sent % request.count)...]))
                #expect(try client.readResponse().text == "held")
                for _ in 0...(sent / request.count) { #expect(try client.readResponse().text == "60000") }
                try client.expectService()
            }
        }
    }

    @Test("A request beyond the capacity of the pool gets 503 with Retry-After", arguments: DriverKind.allCases)
    func blockingQueue(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 4
        }
        try await withServer(driver, limitRoutes(events), configure: configure) { port in
            let clients = (0..<6).map { _ in RawClient(port: port) }
            for client in clients { try client.expectService() }
            try clients[0].send("GET /held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            for client in clients[1...4] {
                try client.send("GET /brief HTTP/1.1\r\nHost: a\r\n\r\n")
                // After the second of these responses, the server has handled what was sent before the first.
                for _ in 0..<2 { try clients[5].expectService() }
            }
            let refused = try clients[5].get("/brief")
            #expect(refused.status == 503 && refused.headers["retry-after"] == "1")
            #expect(refused.headers["connection"] != "close", "the connection persists")
            events.add("released")
            #expect(try clients[0].readResponse().text == "held")
            for client in clients[1...4] { #expect(try client.readResponse().text == "brief") }
            #expect(try clients[5].get("/brief").text == "brief")
        }
    }
}
