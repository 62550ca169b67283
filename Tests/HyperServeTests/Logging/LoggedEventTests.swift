import Glibc
import HyperServe
import Testing

@Suite("The server logs", .timeLimit(.minutes(20)))
struct LoggedEventTests {
    private struct Broken: Error {}

    private struct Guard: RequestFilter {
        func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? { throw Broken() }
    }

    private static func router() -> Router {
        var router = Router()
        for (name, error) in [
            ("error", Broken() as any Error), ("cancelled", CancellationError()), ("404", HTTPError(.notFound)),
            ("503", HTTPError(.serviceUnavailable)),
        ] {
            router.get("/inline/\(name)") { _ in throw error }
            router.get("/async/\(name)") { _ async throws in throw error }
            router.get("/blocking/\(name)", .blocking) { _ in throw error }
        }
        router.group("/guarded") { guarded in
            guarded.use(Guard())
            guarded.get("") { _ in .text("never") }
        }
        router.group("/mapped") { mapped in
            mapped.use(
                ErrorMapping { error in
                    .text("", status: error is CancellationError ? .conflict : .serviceUnavailable)
                })
            mapped.get("/error") { _ in throw Broken() }
            mapped.get("/async") { _ async throws in throw Broken() }
            mapped.get("/conflict") { _ in throw CancellationError() }
            mapped.get("/chosen") { _ in throw HTTPError(.notFound) }
        }
        router.get("/stream") { _ in .stream { _ async throws in throw CancellationError() } }
        router.get("/wrong") { _ in .blockingStream { _ in } }
        return router
    }

    private static let thrown = "a handler or middleware threw an error"
    private static let chosen = "a handler or middleware threw an HTTPError"
    private static let mapped = "a handler or middleware threw an error, which was mapped to a response"

    /// A path, and the summary of the entry that a request for it brings, if any.
    private static let requests: [(path: String, entry: String?)] =
        ["/inline", "/async", "/blocking"].flatMap { kind in
            [
                ("\(kind)/error", "error GET \(kind)/error: \(thrown): Broken()"),
                ("\(kind)/cancelled", "error GET \(kind)/cancelled: \(thrown): CancellationError()"),
                ("\(kind)/404", "debug GET \(kind)/404: \(chosen)"),
                ("\(kind)/503", "warning GET \(kind)/503: \(chosen)"),
            ]
        } + [
            ("/guarded", "error GET /guarded: \(thrown): Broken()"),
            ("/mapped/error", "error GET /mapped/error: \(mapped): Broken()"),
            ("/mapped/async", "error GET /mapped/async: \(mapped): Broken()"),
            ("/mapped/conflict", "debug GET /mapped/conflict: \(mapped): CancellationError()"),
            ("/mapped/chosen", "warning GET /mapped/chosen: \(mapped)"),
            ("/stream", "error GET /stream: a streamed response was aborted: CancellationError()"),
            (
                "/wrong",
                "error GET /wrong: blockingStream needs a route that is .blocking: mark it so, or respond with stream "
                    + "and await writes"
            ),
            ("/nothing", nil),
        ]

    @Test(
        "each error, with a level that tells whose mistake it is, and nothing of what is no error",
        arguments: DriverKind.allCases)
    func errors(driver: DriverKind) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog(level: .debug) { entry in
                let isChosen = entry.error is HTTPError
                var entry = entry
                // Its description is long.
                if isChosen { entry.error = nil }
                events.add(entry)
            }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            for (path, entry) in Self.requests {
                let before = events.all.count
                if path == "/stream" {
                    #expect(throws: RawClient.Failure.noResponse) { try RawClient(port: port).get(path) }
                } else {
                    _ = try RawClient(port: port).get(path)
                }
                // The entry may follow the response.
                for _ in 0..<100_000 where entry != nil && events.all.count == before { usleep(5_000) }
                #expect(Array(events.all.dropFirst(before)) == [entry].compactMap { $0 })
            }
        }
    }

    @Test(
        "nothing about a client that disconnects, also if errors are mapped", arguments: DriverKind.allCases,
        [false, true])
    func disconnected(driver: DriverKind, isMapped: Bool) async throws {
        let (events, entries) = (Events(), Events())
        var router = Router()
        if isMapped { router.use(ErrorMapping { _ in .text("", status: .serviceUnavailable) }) }
        router.get("/") { _ async throws in
            events.add("begun")
            defer { events.add("ended") }
            try await Task.sleep(for: .seconds(1000))
            return .text("never")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog(level: .trace) { entries.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            do {
                let client = RawClient(port: port)
                try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                try events.wait(for: "begun")
                client.reset()
            }
            try events.wait(for: "ended")
        }
        #expect(entries.all == [])
    }

    @Test("what it refuses in a handler's place, with the request and its route", arguments: DriverKind.allCases)
    func refusals(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/async/{id}") { _ async in
            try? await Task.sleep(for: .seconds(600))
            return .text("late")
        }
        router.get("/blocking/{id}", .blocking) { _ in
            try events.wait(for: "over")
            return .text("late")
        }
        router.post("/collected", with: [BodyLimit(4)]) { _ in .text("") }
        router.post("/streamed", body: .stream, with: [BodyLimit(4)]) { request async throws in
            for try await _ in request.body.chunks {}
            return .text("")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.handlerTimeout = .milliseconds(100)
            configuration.log = ClosureLog { entry in
                let route = entry.routePattern ?? "none"
                events.add("\(entry.method?.description ?? "") \(entry.fields["path"]?.description ?? "") of \(route)")
            }
        }
        try await withServer(driver, router, configure: configure) { port in
            defer { events.add("over") }
            let client = RawClient(port: port)
            for (line, body, status) in [
                ("GET /async/1", "", 503), ("GET /blocking/1", "", 503), ("POST /collected", "12345", 413),
                ("POST /streamed", "12345", 413),
            ] {
                let client = RawClient(port: port)
                try client.send("\(line) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
                #expect(try client.readResponse().status == status, "\(line)")
            }
            // Chunked, so that the excess is found behind the head.
            try client.send("POST /collected?a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            try client.send("5\r\n12345\r\n0\r\n\r\n")
            #expect(try client.readResponse().status == 413)
        }
        #expect(
            events.all.filter { $0 != "over" } == [
                "GET /async/1 of /async/{id}", "GET /blocking/1 of /blocking/{id}", "POST /collected of /collected",
                "POST /streamed of /streamed", "POST /collected of /collected",
            ])
    }
}
