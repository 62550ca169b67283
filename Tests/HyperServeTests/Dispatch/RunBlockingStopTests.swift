import Glibc
import HyperServe
import Platform
import TestSupport
import Testing

@Suite("A closure on the pool of a server that stops", .timeLimit(.minutes(20)))
struct RunBlockingStopTests {
    @Test("of a service ends before the pool does, when the service is cancelled", arguments: DriverKind.allCases)
    func serviceAtStop(driver: DriverKind) async throws {
        let events = Events()
        let known = Locked<Server?>(nil)
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.log = ClosureLog { events.add($0) }
        configuration.services = [
            .init("poller") {
                let server = known.withLock { $0 }
                try await withTaskCancellationHandler {
                    try await server?.runBlocking {
                        events.add("begun")
                        try events.wait(for: "cancelled")
                    }
                    try await server?.runBlocking { events.add("never") }
                } onCancel: {
                    events.add("cancelled")
                }
            }
        ]
        let server = try Server(router: Router(), configuration: configuration)
        known.withLock { $0 = server }
        try await server.start()
        try await onOwnThread { try events.wait(for: "begun") }
        await server.stop()
        known.withLock { $0 = nil }
        #expect(events.all == ["begun", "cancelled"])
    }

    @Test("of a download is finished by a server that closes", arguments: DriverKind.allCases)
    func downloadAtStop(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/") { _ in
            .stream(contentLength: 3) { writer in
                for number in 1...3 {
                    let text = try await writer.runBlocking {
                        events.add("begun \(number)")
                        if number == 1 { try events.wait(for: "closing") }
                        return "\(number)"
                    }
                    try await writer.write(text)
                }
            }
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        let port = try #require(server.port)
        try await onOwnThread {
            let client = RawClient(port: port)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun 1")
            let stopping = inBackground { server.stop() }
            while server.phase < .closing { usleep(1000) }
            // Refused once the reactor closes, and has cancelled its streams.
            while (try? RawClient(connectingTo: port).get("/none")) != nil { usleep(1000) }
            events.add("closing")
            #expect(try client.readResponse().text == "123")
            stopping.wait()
        }
    }
}
