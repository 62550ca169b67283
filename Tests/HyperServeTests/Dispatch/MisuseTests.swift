import HyperServe
import TestSupport
import Testing

/// Mistakes in handlers: the handler gets an error, and the process continues.
@Suite("A handler's mistakes")
struct MisuseTests {
    private static func upload(_ path: String, _ fields: String = "", body: String = "hello") -> String {
        "POST \(path) HTTP/1.1\r\nHost: a\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    private static let part = "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
    private static let form = part + part + "--x--\r\n"
    private static let formField = "Content-Type: multipart/form-data; boundary=x\r\n"

    private static func router() -> Router {
        var router = Router()
        router.post("/inline", body: .stream) { request in
            var count = 0
            while let chunk = try request.body.nextChunk() { count += chunk.count }
            return .text("\(count)")
        }
        router.post("/chunks", body: .stream) { request in
            let chunks = request.body.chunks
            var count = 0
            while let chunk = try chunks.nextChunk() { count += chunk.count }
            return .text("\(count)")
        }
        router.post("/context", body: .stream) { request, _ in
            .text("\(try request.body.nextChunk()?.count ?? 0)")
        }
        router.post("/form", body: .stream) { request in
            var names = ""
            var parts = try request.multipart()
            while let part = try parts.nextPart() { names += part.name }
            return .text(names)
        }
        for (path, mode) in [("/collected", HandlerMode.inline), ("/collected-blocking", .blocking)] {
            router.post(path, mode) { request in .text("\(try request.body.nextChunk()?.count ?? 0)") }
        }
        router.post("/part") { request in
            var parts = try request.multipart()
            let first = try parts.nextPart()
            while try parts.nextPart() != nil {}
            return .text("\(try first?.nextChunk()?.count ?? 0)")
        }
        router.get("/negative") { _ in
            .stream(contentLength: -1) { writer in try await writer.write("a") }
        }
        router.get("/negative-blocking", .blocking) { _ in
            .blockingStream(contentLength: .min) { writer in try writer.write("a") }
        }
        router.get("/") { _ in .text("here") }
        return router
    }

    private static let cases: [(request: String, path: String, remedy: String)] = [
        (upload("/inline"), "/inline", ".blocking"), (upload("/chunks"), "/chunks", ".blocking"),
        (upload("/context"), "/context", ".blocking"),
        (upload("/form", formField, body: form), "/form", ".blocking"),
        (upload("/collected"), "/collected", "body: .stream"),
        (upload("/collected-blocking"), "/collected-blocking", "body: .stream"),
        (upload("/part", formField, body: form), "/part", "part"),
    ]

    @Test(
        "in reading a body become a 500, with one log line that names the remedy", arguments: DriverKind.allCases,
        cases)
    func reading(driver: DriverKind, mistake: (request: String, path: String, remedy: String)) async throws {
        let events = Events()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send(mistake.request)
            #expect(try client.readResponse().status == 500)
            // The process continues, and so does the connection, since the body was sent completely.
            #expect(try client.get("/").text == "here")
        }
        #expect(events.all.count == 1)
        let line = try #require(events.all.first)
        #expect(line.hasPrefix("error POST \(mistake.path): a handler or middleware threw an error: "), "\(line)")
        #expect(line.contains(mistake.remedy), "\(line)")
    }

    @Test("in declaring a length become a 500", arguments: DriverKind.allCases, ["/negative", "/negative-blocking"])
    func length(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            let refused = try client.get(path)
            #expect(refused.status == 500)
            #expect(try client.get("/").text == "here")
        }
    }

    @Test("in reading a body twice at a time end one reader, and the other continues", arguments: DriverKind.allCases)
    func twoReaders(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.post("/async", body: .stream) { request async throws in
            let chunks = request.body.chunks
            return try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 { group.addTask { for try await _ in chunks {} } }
                // Throws what the second reader throws, and cancels the first.
                while try await group.next() != nil {}
                return .text("both")
            }
        }
        router.post("/blocking", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            let read = { @Sendable in
                do {
                    while try chunks.nextChunk() != nil {}
                } catch {
                    events.add("\(error)")
                }
            }
            let other = inBackground(read)
            read()
            other.wait()
            return .text("done")
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello"
            let first = RawClient(port: port)
            try first.send("POST /async \(head)")
            // Other tests may delay the readers for longer than a client waits.
            try events.wait(
                for: "error POST /async: a handler or middleware threw an error: \(StreamError.usedConcurrently)")
            #expect(try first.readResponse().status == 500)
            let second = RawClient(port: port)
            try second.send("POST /blocking \(head)")
            try events.wait(for: "\(StreamError.usedConcurrently)")
            try second.send("hello")
            #expect(try second.readResponse().text == "done")
        }
        #expect(
            events.all == [
                "error POST /async: a handler or middleware threw an error: \(StreamError.usedConcurrently)",
                "\(StreamError.usedConcurrently)",
            ])
    }

    @Test(
        "don't include reading from a task of a blocking handler, which gets the complete body",
        arguments: DriverKind.allCases)
    func taskOfBlockingHandler(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.post("/", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            let first = try chunks.nextChunk()?.count ?? 0
            Task {
                var count = first
                for try await chunk in chunks { count += chunk.count }
                events.add("\(count)")
                events.add("done")
            }
            try events.wait(for: "done")
            return .text(events.all[0])
        }
        // Other tests may keep the task from beginning for very long, where threads are watched above all.
        let configure = { (configuration: inout ServerConfiguration) in configuration.handlerTimeout = .seconds(3000) }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            for _ in 0..<100 { try client.send([UInt8](repeating: 0x61, count: 1000)) }
            // Other tests may delay the task for longer than a client waits.
            try events.wait(for: "done")
            #expect(try client.readResponse().text == "100000")
        }
    }
}
