import Glibc
import HyperServe
import TestSupport
import Testing

/// Streams that last until their client leaves, which a client may do with FIN alone.
@Suite("A stream of events")
struct EventStreamTests {
    private static func router(_ events: Events) -> Router {
        var router = Router()
        let idle = { @Sendable (contentType: MediaType, headers: HeaderFields) in
            Response.stream(contentType: contentType, headers: headers) { writer in
                try await writer.write("data: begun\n\n")
                do {
                    while !events.has("go") { try await Task.sleep(for: .milliseconds(20)) }
                } catch {
                    events.add("cancelled")
                    do { try await writer.write("more") } catch { events.add("\(error)") }
                    throw error
                }
                try await writer.write("end")
            }
        }
        router.get("/inline") { _ in idle(.eventStream, [:]) }
        router.get("/async") { _ async in idle(.eventStream, [:]) }
        router.get("/of-blocking", .blocking) { _ in idle(.eventStream, [:]) }
        router.get("/field") { _ in idle(.plainText, ["content-type": "Text/Event-Stream ; charset=utf-8"]) }
        router.get("/text") { _ in idle(.plainText, [:]) }
        router.get("/longer") { _ in idle("text/event-streams", [:]) }
        router.get("/other-field") { _ in idle(.eventStream, ["Content-Type": "text/plain"]) }
        router.get("/blocking", .blocking) { _ in
            .blockingStream(contentType: .eventStream) { writer in
                do {
                    try writer.write("data: begun\n\n")
                    while true {
                        try writer.flush()
                        usleep(1000)
                        try writer.write(":\n")
                    }
                } catch {
                    events.add("\(error)")
                    throw error
                }
            }
        }
        router.get("/later") { _ in
            events.add("called")
            while !events.has("go") { try await Task.sleep(for: .milliseconds(5)) }
            return .stream(contentType: .eventStream) { writer in
                defer { events.add("ended") }
                while true {
                    try await writer.write("data: x\n\n")
                    try await Task.sleep(for: .milliseconds(1))
                }
            }
        }
        return router
    }

    /// Checks that nothing but FIN can be what the server notices: the clients stay reachable.
    private static func configure(_ configuration: inout ServerConfiguration) {
        configuration.tcpKeepAlive = .seconds(300)
    }

    @Test(
        "ends when its client sends FIN, though it has nothing to send", arguments: DriverKind.allCases,
        ["/inline", "/async", "/of-blocking", "/field"])
    func idle(driver: DriverKind, path: String) async throws {
        let events = Events()
        try await withServer(driver, Self.router(events), configure: Self.configure) { port in
            let client = RawClient(port: port)
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "data: begun\n\n")
            client.finish()
            try events.wait(for: "cancelled")
            try events.wait(for: "\(StreamError.disconnected)")
            let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(!rest.contains("0\r\n\r\n"), "the body has no end, as the stream has not")
        }
    }

    @Test("of a blocking handler ends when its client sends FIN", arguments: DriverKind.allCases)
    func blocking(driver: DriverKind) async throws {
        let events = Events()
        try await withServer(driver, Self.router(events), configure: Self.configure) { port in
            let client = RawClient(port: port)
            try client.send("GET /blocking HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "data: begun\n\n")
            client.finish()
            try events.wait(for: "\(StreamError.disconnected)")
            _ = try client.readToEnd()
        }
    }

    @Test("ends as it begins if its client has sent FIN before", arguments: DriverKind.allCases)
    func later(driver: DriverKind) async throws {
        let events = Events()
        try await withServer(driver, Self.router(events), configure: Self.configure) { port in
            let client = RawClient(port: port)
            try client.send("GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
            client.finish()
            try events.wait(for: "called")
            usleep(20_000)
            events.add("go")
            try events.wait(for: "ended")
            let text = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(text.hasPrefix("HTTP/1.1 200 OK\r\n"))
        }
    }

    @Test(
        "is one by its Content-Type: others go on after FIN", arguments: DriverKind.allCases,
        [
            "/text", "/longer", "/other-field",
        ])
    func others(driver: DriverKind, path: String) async throws {
        let events = Events()
        try await withServer(driver, Self.router(events), configure: Self.configure) { port in
            let client = RawClient(port: port)
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\nGET /text HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "data: begun\n\n")
            client.finish()
            usleep(50_000)
            #expect(!events.has("cancelled"))
            events.add("go")
            let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(rest.hasPrefix("\r\n3\r\nend\r\n0\r\n\r\nHTTP/1.1 200 OK"), "\(rest)")
            #expect(rest.hasSuffix("end\r\n0\r\n\r\n"), "the request after it gets its response as well")
        }
        #expect(!events.has("cancelled"))
    }
}
