import HyperServe
import TestSupport
import Testing

/// What a handler puts into the fields of its response.
@Suite("The fields of a response", .timeLimit(.minutes(20)))
struct FieldValueTests {
    private static func router(_ name: String, _ value: String) -> Router {
        var router = Router()
        router.get("/inline") { _ in Response(headers: [name: value]) }
        router.get("/blocking", .blocking) { _ in Response(headers: [name: value]) }
        router.get("/async") { _ async in Response(headers: [name: value]) }
        router.get("/stream") { _ in .stream(headers: [name: value]) { try await $0.write("a") } }
        router.get("/blocking-stream", .blocking) { _ in
            .blockingStream(headers: [name: value]) { writer in try writer.write("a") }
        }
        return router
    }

    private static let paths = ["/inline", "/blocking", "/async", "/stream", "/blocking-stream"]

    @Test(
        "are sent without white space at the ends of their values", arguments: DriverKind.allCases,
        [(" a", "a"), ("a ", "a"), ("\t a b \t", "a b"), (" ", "")])
    func whitespace(driver: DriverKind, value: (set: String, sent: String)) async throws {
        let events = Events()
        let router = Self.router("X-Value", value.set)
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            for path in Self.paths {
                let client = RawClient(port: port)
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let response = String(decoding: try client.readToEnd(), as: UTF8.self)
                #expect(
                    response.hasPrefix("HTTP/1.1 200 OK\r\n") && response.contains("X-Value: \(value.sent)\r\n"),
                    "\(path)")
            }
        }
        #expect(events.all == [])
    }

    @Test(
        "with control characters, or a name that is no token, turn it into a 500 that is logged",
        arguments: DriverKind.allCases,
        [("X-Value", "a\r\nX: b"), ("X-Value", "\u{0}"), ("X-Value", " \n"), ("X-Value ", "a"), ("", "a")])
    func control(driver: DriverKind, field: (name: String, value: String)) async throws {
        let events = Events()
        let router = Self.router(field.name, field.value)
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            for path in Self.paths {
                let status = try RawClient(port: port).get(path).status
                #expect(status == 500, "\(path)")
            }
        }
        let lines = Self.paths.map {
            "error GET \($0): the header field \(field.name) of the handler's response is not valid"
        }
        #expect(events.all.sorted() == lines.sorted())
    }

    @Test("with a media type that would split the response turn it into a 500 too", arguments: DriverKind.allCases)
    func mediaType(driver: DriverKind) async throws {
        let events = Events()
        let type: MediaType = "text/plain\r\nX-Injected: y"
        var router = Router()
        router.get("/inline") { _ in Response(contentType: type) }
        router.get("/bytes") { _ in .bytes([1], contentType: type) }
        router.get("/fields") { _ in Response(contentType: type, headers: ["X-Value": "a"]) }
        router.get("/blocking", .blocking) { _ in Response(contentType: type) }
        router.get("/async") { _ async in Response(contentType: type) }
        router.get("/stream") { _ in .stream(contentType: type) { try await $0.write("a") } }
        router.get("/blocking-stream", .blocking) { _ in
            .blockingStream(contentType: type) { writer in try writer.write("a") }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        let paths = Self.paths + ["/bytes", "/fields"]
        try await withServer(driver, router, configure: configure) { port in
            for path in paths {
                let client = RawClient(port: port)
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                let response = String(decoding: try client.readToEnd(), as: UTF8.self)
                #expect(response.hasPrefix("HTTP/1.1 500 ") && !response.contains("X-Injected"), "\(path)")
            }
        }
        let lines = paths.map { "error GET \($0): the Content-Type of the handler's response is not valid" }
        #expect(events.all.sorted() == lines.sorted())
    }
}
