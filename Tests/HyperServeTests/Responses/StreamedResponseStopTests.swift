import Glibc
import TestSupport
import Testing

@testable import HyperServe

@Suite("Streamed responses of a stopping server")
struct StreamedResponseStopTests {
    /// Serves until `body`, which stops the server, returns. The time for stopping is far longer than a test may take.
    private static func serve(
        _ driver: DriverKind, _ router: Router, log: Events = Events(), timeout: Duration = .seconds(600),
        _ body: @escaping @Sendable (Server) throws -> Void
    ) async throws {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = timeout
        configuration.handlerTimeout = .seconds(600)
        configuration.transferGrace = .seconds(600)
        configuration.log = ClosureLog { log.add($0) }
        let server = try Server(router: router, configuration: configuration)
        try await server.start()
        try await onOwnThread {
            try body(server)
            server.stopLeavingNothing()
        }
    }

    @Test("are finished, or aborted at its deadline", arguments: DriverKind.allCases)
    func stopping(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/finishes") { _ in
            .stream { writer in
                try await writer.write("one")
                events.add("begun")
                // Cancelled as all streams are, and wants to go on.
                while !events.has("go") { _ = await Task { try? await Task.sleep(for: .milliseconds(5)) }.value }
                #expect(Task.isCancelled)
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
        try await Self.serve(driver, router, timeout: .seconds(8)) { server in
            let client = RawClient(port: server.port!)
            let other = RawClient(port: server.port!)
            try client.send("GET /finishes HTTP/1.1\r\nHost: a\r\n\r\n")
            try other.send("GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try other.read(through: "more")
            try events.wait(for: "begun")
            let stopper = inBackground { server.stopLeavingNothing() }
            server.lifecycle.wait(for: .closing)
            usleep(50_000)
            events.add("go")
            #expect(try client.readResponse().text == "onetwo")
            try events.wait(for: "cut off")
            stopper.wait()
        }
    }

    @Test("of events end properly when they are cancelled, and nothing is logged", arguments: DriverKind.allCases)
    func events(driver: DriverKind) async throws {
        let log = Events()
        var router = Router()
        router.get("/async") { _ async in
            .stream(contentType: "text/event-stream", trailers: ["X-End"]) { writer in
                writer.trailers["X-End"] = "yes"
                while true {
                    try await writer.write("data: 1\n\n")
                    try await Task.sleep(for: .milliseconds(600_000))
                }
            }
        }
        router.get("/inline") { _ in
            .stream(contentType: .eventStream) { writer in
                try await writer.write("data: 1\n\n")
                await withTaskCancellationHandler {
                    try? await Task.sleep(for: .seconds(600))
                } onCancel: {
                    log.add("handler")
                }
                try Task.checkCancellation()
            }
        }
        router.get("/blocking", .blocking) { _ in
            .blockingStream(contentType: .eventStream) { writer in
                try writer.write("data: 1\n\n")
                try writer.flush()
                while !writer.isCancelled { usleep(5_000) }
                try writer.write("data: 2\n\n")
                throw CancellationError()
            }
        }
        try await Self.serve(driver, router, log: log) { server in
            let clients = ["/async", "/inline", "/blocking"].map { path in
                let client = RawClient(port: server.port!)
                try? client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                return client
            }
            let heads = try clients.map { try $0.read(through: "\r\n\r\n") }
            #expect(heads.allSatisfy { $0.hasPrefix("HTTP/1.1 200") })
            for client in clients { #expect(try client.read(through: "data: 1\n\n").contains("data: 1")) }
            let stopper = inBackground { server.stop() }
            #expect(try clients[0].read(through: "0\r\nX-End: yes\r\n\r\n") == "\r\n0\r\nX-End: yes\r\n\r\n")
            #expect(try clients[1].read(through: "0\r\n\r\n") == "\r\n0\r\n\r\n")
            #expect(try clients[2].read(through: "0\r\n\r\n") == "\r\n9\r\ndata: 2\n\n\r\n0\r\n\r\n")
            stopper.wait()
            #expect(log.all == ["handler"])
        }
    }

    @Test(
        "that are not of events, and whose closure ends with an error, are aborted, and the log says so",
        arguments: DriverKind.allCases,
        ["/async", "/inline", "/blocking-async", "/blocking", "/length", "/blocking-length", "/event-length"])
    func incomplete(driver: DriverKind, path: String) async throws {
        let log = Events()
        let produce: @Sendable (ResponseWriter) async throws -> Void = { writer in
            try await writer.write("part")
            try await Task.sleep(for: .seconds(600))
        }
        let produceBlocking: @Sendable (BlockingResponseWriter) throws -> Void = { writer in
            try writer.write("part")
            try writer.flush()
            while !writer.isCancelled { usleep(5_000) }
            if path == "/blocking" { throw CancellationError() }
        }
        var router = Router()
        router.get("/async") { _ async in .stream(produce) }
        router.get("/inline") { _ in .stream(contentType: .json, produce) }
        router.get("/blocking-async", .blocking) { _ in .stream(produce) }
        router.get("/blocking", .blocking) { _ in .blockingStream(produceBlocking) }
        router.get("/length") { _ in
            .stream(contentLength: 100) { writer in _ = try? await produce(writer) }
        }
        router.get("/blocking-length", .blocking) { _ in .blockingStream(contentLength: 100, produceBlocking) }
        router.get("/event-length") { _ in .stream(contentType: .eventStream, contentLength: 100, produce) }
        try await Self.serve(driver, router, log: log) { server in
            let client = RawClient(port: server.port!)
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "part")
            let stopper = inBackground { server.stop() }
            let rest = String(decoding: try client.readToEnd(), as: UTF8.self)
            #expect(rest == "" || rest == "\r\n", "the client notices the missing end")
            stopper.wait()
            let error = path.hasSuffix("length") ? "\(StreamError.lengthNotReached)" : "CancellationError()"
            #expect(
                log.all == [
                    "warning GET \(path): a streamed response was aborted, since the server stops before it is "
                        + "complete: \(error)"
                ])
        }
    }

    @Test("end early, but properly, if their closure returns", arguments: DriverKind.allCases, ["/async", "/blocking"])
    func endedEarly(driver: DriverKind, path: String) async throws {
        let log = Events()
        var router = Router()
        router.get("/async") { _ in
            .stream { writer in
                try await writer.write("part")
                do { try await Task.sleep(for: .seconds(600)) } catch { return }
            }
        }
        router.get("/blocking", .blocking) { _ in
            .blockingStream { writer in
                try writer.write("part")
                try writer.flush()
                while !writer.isCancelled { usleep(5_000) }
            }
        }
        try await Self.serve(driver, router, log: log) { server in
            let client = RawClient(port: server.port!)
            try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "part")
            let stopper = inBackground { server.stop() }
            #expect(try client.read(through: "0\r\n\r\n") == "\r\n0\r\n\r\n")
            stopper.wait()
            #expect(log.all == [])
        }
    }

    @Test("that are downloads are finished, however slow the client", arguments: DriverKind.allCases)
    func downloads(driver: DriverKind) async throws {
        let piece = [UInt8](repeating: 7, count: 100_000)
        let log = Events()
        var router = Router()
        router.get("/async") { _ in
            .stream(contentLength: 100 * piece.count) { writer in
                for _ in 0..<100 { try await writer.write(piece) }
                log.add("cancelled: \(Task.isCancelled)")
            }
        }
        try await Self.serve(driver, router, log: log) { server in
            let client = RawClient(port: server.port!, receiveBufferByteCount: 4096)
            try client.send("GET /async HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(through: "\r\n\r\n")
            let stopper = inBackground { server.stop() }
            server.lifecycle.wait(for: .closing)
            usleep(50_000)
            #expect(try client.read(100 * piece.count).allSatisfy { $0 == 7 })
            stopper.wait()
            #expect(log.all == ["cancelled: true"])
        }
    }

    @Test("that echo an upload read it to its end", arguments: DriverKind.allCases)
    func echo(driver: DriverKind) async throws {
        let log = Events()
        var router = Router()
        router.post("/echo", body: .stream) { request async in
            let chunks = request.body.chunks
            return .stream { writer in
                for try await chunk in chunks { try await writer.write(chunk) }
            }
        }
        try await Self.serve(driver, router, log: log) { server in
            let client = RawClient(port: server.port!)
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\none")
            _ = try client.read(through: "one")
            let stopper = inBackground { server.stop() }
            server.lifecycle.wait(for: .closing)
            usleep(50_000)
            try client.send("two")
            #expect(try client.read(through: "0\r\n\r\n") == "\r\n3\r\ntwo\r\n0\r\n\r\n")
            stopper.wait()
            #expect(log.all == [])
        }
    }

    @Test("are cancelled from the start if they begin then; other handlers are not", arguments: DriverKind.allCases)
    func late(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/") { _ async throws in
            events.add("begun")
            while !events.has("go on") { try await Task.sleep(for: .milliseconds(5)) }
            #expect(!Task.isCancelled, "it has sent nothing yet")
            return .stream(contentType: .eventStream) { writer in
                #expect(Task.isCancelled)
                try await writer.write("late")
                try await Task.sleep(for: .seconds(600))
            }
        }
        try await Self.serve(driver, router) { server in
            let client = RawClient(port: server.port!)
            try client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            let stopper = inBackground { server.stop() }
            server.lifecycle.wait(for: .closing)
            usleep(50_000)
            events.add("go on")
            let response = try client.readResponse()
            #expect(response.text == "late")
            stopper.wait()
        }
    }
}
