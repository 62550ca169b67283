import Glibc
import HyperServe
import Platform
import Synchronization
import TestSupport
import Testing

@Suite("Async code", .timeLimit(.minutes(20)))
struct ExecutionTests {
    /// An actor of the application's, such as a database's.
    private actor Database {
        private(set) var queries = 0

        /// Returns the thread that it runs on, after it has blocked that for a while.
        func query(blocking microseconds: UInt32 = 0) -> UInt {
            queries += 1
            usleep(microseconds)
            return callingThread()
        }
    }

    @concurrent
    private static func concurrently(blocking microseconds: UInt32 = 0) async -> UInt {
        usleep(microseconds)
        return callingThread()
    }

    /// A handler for each thing that may be awaited, which returns the threads: before it, of it, and after it.
    private static let awaiting: [(name: String, AsyncHandler)] = {
        let database = Database()
        let handlers: [(name: String, @Sendable (UInt32) async -> UInt)] = [
            ("actor", { await database.query(blocking: $0) }),
            ("concurrent", { await concurrently(blocking: $0) }),
            (
                "async let",
                { microseconds in
                    async let child = concurrently(blocking: microseconds)
                    return await child
                }
            ),
            (
                "task group",
                { microseconds in
                    await withTaskGroup(of: UInt.self) { group in
                        group.addTask {
                            usleep(microseconds)
                            return callingThread()
                        }
                        return await group.next() ?? 0
                    }
                }
            ),
            (
                "task",
                { microseconds in
                    await Task.detached(priority: .userInitiated) {
                        usleep(microseconds)
                        return callingThread()
                    }.value
                }
            ),
        ]
        return handlers.map { name, awaited in
            let handler: AsyncHandler = { request in
                let microseconds = UInt32(request.query["blocking"] ?? "") ?? 0
                let before = callingThread()
                let during = await awaited(microseconds)
                return .text("\(before) \(during) \(callingThread())")
            }
            return (name, handler)
        }
    }()

    private static func router() -> Router {
        var router = Router()
        router.get("/inline") { _ in .text("\(callingThread())") }
        for (name, handler) in awaiting {
            router.get("/" + name.replacing(" ", with: "-"), handler: handler)
        }
        return router
    }

    @Test(
        "of a handler runs on its reactor, and what it awaits does not", arguments: DriverKind.allCases,
        awaiting.map(\.name))
    func places(driver: DriverKind, name: String) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            let reactor = try client.get("/inline").text
            for _ in 0..<20 {
                let threads = try client.get("/" + name.replacing(" ", with: "-")).text.split(separator: " ")
                #expect(threads.count == 3)
                #expect(threads[0] == reactor)
                #expect(threads[1] != reactor)
                #expect(threads[2] == reactor)
            }
        }
    }

    @Test(
        "that a handler awaits may block, and others are served meanwhile", arguments: DriverKind.allCases,
        awaiting.map(\.name))
    func blocks(driver: DriverKind, name: String) async throws {
        try await withServer(driver, Self.router()) { port in
            let slow = RawClient(port: port)
            let quick = RawClient(port: port)
            _ = try quick.get("/inline")
            let path = "/" + name.replacing(" ", with: "-")
            try slow.send("GET \(path)?blocking=500000 HTTP/1.1\r\nHost: a\r\n\r\n")
            let start = ContinuousClock.now
            usleep(20_000)
            var served = 0
            while ContinuousClock.now - start < .milliseconds(400) {
                #expect(try quick.get("/inline").status == 200)
                served += 1
            }
            // Even the slowest machine serves a few, instead of one after the wait.
            #expect(served > 5)
            #expect(try slow.readResponse().status == 200)
        }
    }

    @Test("is on its reactor after each await of the server's own functions", arguments: DriverKind.allCases)
    func resumes(driver: DriverKind) async throws {
        let threads = Threads()
        var router = Router()
        router.get("/inline") { _ in .text("\(callingThread())") }
        router.post("/body", body: .stream) { request in
            threads.add()
            for try await _ in request.body.chunks { threads.add() }
            threads.add()
            try await Task.sleep(for: .milliseconds(2))
            threads.add()
            await Task.yield()
            threads.add()
            return .stream { writer in
                threads.add()
                for _ in 0..<20 {
                    try await writer.write([UInt8](repeating: 0x61, count: 100_000))
                    threads.add()
                }
            }
        }
        router.post("/form", body: .stream) { request in
            for try await part in try request.multipart() {
                threads.add()
                for try await _ in part.chunks { threads.add() }
                threads.add()
            }
            threads.add()
            return .text("done")
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            let reactor = try client.get("/inline").text
            try client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello")
            usleep(20_000)
            try client.send("hello")
            #expect(try client.readResponse().body.count == 2_000_000)
            let form = "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nvalue\r\n--x--\r\n"
            let type = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: \(form.utf8.count)"
            try client.send("POST /form HTTP/1.1\r\nHost: a\r\n\(type)\r\n\r\n" + form.prefix(20))
            usleep(20_000)
            try client.send(String(form.dropFirst(20)))
            #expect(try client.readResponse().text == "done")
            #expect(threads.all.count > 28)
            #expect(Set(threads.all) == [reactor])
        }
    }

    @Test("on another thread may read a body and write a response", arguments: DriverKind.allCases)
    func fromElsewhere(driver: DriverKind) async throws {
        @concurrent
        @Sendable func copy(_ chunks: BodyChunks, _ writer: ResponseWriter) async throws {
            for try await chunk in chunks { try await writer.write(chunk) }
            writer.trailers["Copied"] = "all"
        }
        var router = Router()
        router.post("/echo", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream(trailers: ["Copied"]) { writer in try await copy(chunks, writer) }
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            let bytes = [UInt8](repeating: 0x62, count: 50_000)
            try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 50000\r\n\r\n")
            try client.send(bytes)
            let response = try client.readResponse()
            #expect(response.body == bytes)
            #expect(response.trailers["copied"] == "all")
        }
    }

    /// The threads on which code has run.
    private final class Threads: Sendable {
        private let threads = Mutex<[String]>([])
        var all: [String] { threads.withLock { $0 } }
        func add() { threads.withLock { $0.append("\(callingThread())") } }
    }
}
