import Glibc
import HyperServe
import TestSupport
import Testing

@Suite("Streamed responses of a stopping server")
struct StreamedResponseStopTests {
    @Test("are finished, or aborted at its deadline", arguments: DriverKind.allCases)
    func stopping(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/finishes") { _ in
            .stream { writer in
                try await writer.write("one")
                events.add("begun")
                while !events.has("go") { try await Task.sleep(for: .milliseconds(5)) }
                try await writer.write("two")
            }
        }
        router.get("/endless", .blocking) { _ in
            .blockingStream { writer in
                defer { events.add("cut off") }
                while true {
                    try writer.write("more")
                    try writer.flush()
                    usleep(1000)
                }
            }
        }
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(4)
        let server = try Server(router: router, configuration: configuration)
        try server.start()
        let port = server.port!
        try await onOwnThread {
            let client = RawClient(port: port)
            let other = RawClient(port: port)
            try client.send("GET /finishes HTTP/1.1\r\nHost: a\r\n\r\n")
            try other.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try other.read(through: "more")
            try events.wait(for: "begun")
            let stopper = inBackground { server.stopLeavingNothing() }
            usleep(50_000)
            events.add("go")
            #expect(try client.readResponse().text == "onetwo")
            try events.wait(for: "cut off")
            stopper.wait()
        }
    }
}
