import HyperServe
import Platform
import TestSupport
import Testing

/// What a writer or a body that was kept does to the responses that follow on the connection: nothing.
@Suite("After the end of a response", .timeLimit(.minutes(20)))
struct LateUseTests {
    /// Keeps what a handler must not keep.
    private final class Kept<Value>: @unchecked Sendable {
        // `@unchecked Sendable`: for values that are not `Sendable`, which is the mistake.
        private let value = Locked<Value?>(nil)

        var first: Value? {
            get { value.withLock { $0 } }
            set { value.withLock { $0 = newValue } }
        }
    }

    private static let roundCount = 20
    private static let ended = "\(StreamError.ended)"

    /// The error of a call, as a response.
    private nonisolated(nonsending) static func failure(
        _ body: nonisolated(nonsending) () async throws -> Void
    ) async -> Response {
        do {
            try await body()
            return .text("no error")
        } catch {
            return .text("\(error)")
        }
    }

    private static func blockingFailure(_ body: () throws -> Void) -> Response {
        do {
            try body()
            return .text("no error")
        } catch {
            return .text("\(error)")
        }
    }

    /// Writes until it can't.
    private static func beat(_ writer: ResponseWriter, isolation: isolated (any Actor)? = #isolation) {
        Task {
            // Makes the task's isolation that of the closure.
            _ = isolation
            while true {
                try await writer.write(": beat\n\n")
                await Task.yield()
            }
        }
        Task.immediate { while true { try await writer.write(": beat\n\n") } }
    }

    @Test("no write of a task that goes on is sent before the next response", arguments: DriverKind.allCases)
    func heartbeat(driver: DriverKind) async throws {
        var router = Router()
        router.get("/beats") { _ in
            .stream { (writer: ResponseWriter) async throws in
                Self.beat(writer)
                for _ in 0..<3 { await Task.yield() }
            }
        }
        router.get("/failing") { _ in
            .stream { (writer: ResponseWriter) async throws in
                Self.beat(writer)
                await Task.yield()
                throw CancellationError()
            }
        }
        router.get("/after") { _ in .text("after") }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for _ in 0..<Self.roundCount {
                try client.send("GET /beats HTTP/1.1\r\nHost: a\r\n\r\nGET /after HTTP/1.1\r\nHost: a\r\n\r\n")
                let text = try client.readResponse().text
                #expect(text.count.isMultiple(of: ": beat\n\n".count) && text.allSatisfy { ": beat\n".contains($0) })
                let after = try client.readResponse()
                #expect(after.status == 200 && after.text == "after")
            }
            let failing = RawClient(port: port)
            try failing.send("GET /failing HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(!String(decoding: try failing.readToEnd(), as: UTF8.self).hasSuffix("0\r\n\r\n"))
        }
    }

    @Test("a writer throws, and writes to no later request of the connection", arguments: DriverKind.allCases)
    func keptWriter(driver: DriverKind) async throws {
        let kept = Kept<ResponseWriter>()
        var router = Router()
        router.get("/keep") { _ in
            .stream(trailers: ["X-Late"]) { (writer: ResponseWriter) async throws in
                kept.first = writer
                try await writer.write("kept")
            }
        }
        router.get("/plain") { _ async in .text("plain") }
        router.get("/late") { _ async in
            kept.first?.trailers = ["X-Late": "1"]
            return await Self.failure { try await kept.first?.write("LATE") }
        }
        router.get("/late-stream") { _ in
            .stream { (writer: ResponseWriter) async throws in
                try await writer.write("before ")
                let late = Task.immediate { try await kept.first?.write("LATE") }
                if case .failure(let error) = await late.result { try await writer.write("\(error)") }
            }
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for _ in 0..<Self.roundCount {
                let response = try client.get("/keep")
                #expect(response.text == "kept" && response.trailers == [:])
                #expect(try client.get("/plain").text == "plain")
                #expect(try client.get("/late").text == Self.ended)
                #expect(try client.get("/plain").text == "plain")
                #expect(try client.get("/late-stream").text == "before " + Self.ended)
            }
        }
    }

    @Test("a blocking writer throws on any thread", arguments: DriverKind.allCases)
    func keptBlockingWriter(driver: DriverKind) async throws {
        let kept = Kept<BlockingResponseWriter>()
        let events = Events()
        var router = Router()
        router.get("/keep", .blocking) { _ in
            .blockingStream(trailers: ["X-Late"]) { writer throws in
                kept.first = writer
                try writer.write("kept")
                inBackground {
                    for write in [{ try kept.first?.write("OTHER") }, { try kept.first?.flush() }] {
                        do { try write() } catch { events.add("\(error)") }
                    }
                }.wait()
            }
        }
        router.get("/late", .blocking) { _ in
            kept.first?.trailers = ["X-Late": "1"]
            return Self.blockingFailure { try kept.first?.write("LATE") }
        }
        router.get("/flush") { _ in Self.blockingFailure { try kept.first?.flush() } }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for _ in 0..<5 {
                let response = try client.get("/keep")
                #expect(response.text == "kept" && response.trailers == [:])
                #expect(try client.get("/late").text == Self.ended)
                #expect(try client.get("/flush").text == Self.ended)
            }
        }
        #expect(events.all == Array(repeating: "\(StreamError.usedConcurrently)", count: 10))
    }

    @Test(
        "a body throws, and reads nothing of a later request of the connection", arguments: DriverKind.allCases,
        [true, false])
    func keptBody(driver: DriverKind, isBlocking: Bool) async throws {
        let kept = Kept<BodyChunks>()
        var router = Router()
        router.post("/keep", isBlocking ? .blocking : .inline, body: .stream) { request in
            kept.first = request.body.chunks
            return .text("kept")
        }
        router.post("/keep-async", body: .stream) { request async throws in
            kept.first = request.body.chunks
            var iterator = request.body.chunks.makeAsyncIterator()
            return .text("\(try await iterator.next()?.count ?? 0)")
        }
        router.post("/late", body: .stream) { request async throws in
            #expect(kept.first?.trailers.isEmpty ?? true)
            let late = await Self.failure {
                var iterator = kept.first?.makeAsyncIterator()
                _ = try await iterator?.next()
            }
            var count = 0
            for try await chunk in request.body.chunks { count += chunk.count }
            return .text("\(count) \(late.text)")
        }
        router.post("/late-blocking", .blocking, body: .stream) { request in
            let late = Self.blockingFailure { _ = try kept.first?.nextChunk() }
            var count = 0
            while let chunk = try request.body.nextChunk() { count += chunk.count }
            return .text("\(count) \(late.text)")
        }
        let late = isBlocking ? "/late-blocking" : "/late"
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for _ in 0..<Self.roundCount {
                let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
                if isBlocking {
                    try client.send("POST /keep \(head)hello")
                    #expect(try client.readResponse().text == "kept")
                } else {
                    try client.send("POST /keep-async \(head)hello")
                    #expect(try client.readResponse().text == "5")
                }
                try client.send("POST \(late) \(head)12345")
                #expect(try client.readResponse().text == "5 \(Self.ended)")
            }
        }
    }

    @Test("a reader that waits for the body gets an error", arguments: DriverKind.allCases)
    func waitingReader(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.post("/", body: .stream) { request async in
            let chunks = request.body.chunks
            Task.immediate {
                do {
                    for try await _ in chunks { events.add("chunk") }
                } catch {
                    events.add("\(error)")
                }
            }
            while !events.has("chunk") { await Task.yield() }
            return .text("early")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            #expect(try client.readResponse().text == "early")
            try events.wait(for: Self.ended)
        }
    }
}

extension Response {
    /// The text of a response that was created from it.
    fileprivate var text: String {
        if case .text(let text) = body { text } else { "" }
    }
}
