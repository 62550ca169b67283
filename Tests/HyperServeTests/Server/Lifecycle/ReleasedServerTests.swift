import Glibc
import Platform
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// A server whose last reference is released while it serves.
@Suite("A released server")
struct ReleasedServerTests {
    private final class Box: Sendable {
        private let server = Mutex<Server?>(nil)

        func fill(_ server: Server) { self.server.withLock { $0 = server } }

        func take() -> Server? { server.withLock { $0.take() } }

        /// Releases the server, outside the lock.
        func empty() { _ = take() }
    }

    private struct Weak<Object: AnyObject> {
        weak var object: Object?
    }

    /// What is left of a server after its release.
    private struct Traces {
        let lifecycle: ServerLifecycle
        let port: Int
        let sockets: Set<UInt64>
        /// The threads that serve, by the number that the kernel gave them.
        let threads: Set<Int>

        /// Visits the server, on a thread of each kind.
        init(_ server: Server) throws {
            lifecycle = server.lifecycle
            port = server.port!
            sockets = Set(ProcessFiles.sockets(at: port).values)
            let client = RawClient(port: port)
            threads = Set(try ["/inline", "/blocking", "/async"].compactMap { Int(try client.get($0).text) })
        }

        /// Waits for the end of the server, and expects that it holds nothing.
        func expectNone() {
            lifecycle.wait(for: .stopped)
            #expect(threads.count == 2, "a reactor and a thread of the pool")
            let left = ProcessFiles.settled(0) {
                // The path is valid for the call.
                threads.count { unsafe access("/proc/self/task/\($0)", F_OK) == 0 }
            }
            #expect(left == 0, "threads")
            #expect(ProcessFiles.settled(0) { ProcessFiles.socketCount(among: sockets) } == 0, "the port is closed")
            #expect(Leaks.list(lifecycle.statistics) == [])
        }
    }

    private static func router(_ box: Box = Box(), _ events: Events = Events()) -> Router {
        var router = Router()
        router.get("/inline") { _ in .text(threadNumber) }
        router.get("/blocking", .blocking) { _ in .text(threadNumber) }
        router.get("/async") { _ async in .text(threadNumber) }
        router.post("/inline") { _ in
            box.empty()
            return .text("released")
        }
        router.post("/blocking", .blocking) { _ in
            box.empty()
            return .text("released")
        }
        router.post("/async") { _ async in
            box.empty()
            return .text("released")
        }
        router.get("/slow", .blocking) { _ in
            events.add("begun")
            try events.wait(for: "go on")
            return .text("slow")
        }
        return router
    }

    /// The number that the kernel gave the calling thread.
    private static var threadNumber: String {
        var target = [UInt8](repeating: 0, count: 64)
        // As many bytes as there are.
        let count = unsafe target.withUnsafeMutableBytes { bytes in
            unsafe readlink("/proc/thread-self", bytes.baseAddress!, bytes.count)
        }
        return String(String(decoding: target.prefix(max(0, count)), as: UTF8.self).split(separator: "/").last ?? "")
    }

    private static func start(
        _ driver: DriverKind, _ router: Router, _ log: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> Server {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        configuration.blockingThreads = 1...1
        configuration.log = ClosureLog { log("\($0)") }
        let server = try Server(router: router, configuration: configuration)
        try server.start()
        return server
    }

    @Test("stops: its port is closed, its threads end, and nothing is left", arguments: DriverKind.allCases)
    func released(driver: DriverKind) async throws {
        try await onOwnThread {
            let lines = Events()
            var server: Server? = try Self.start(driver, Self.router(), { lines.add($0) })
            let traces = try Traces(server!)
            let publisher = Weak(object: server!.publisher)
            let released = Weak(object: server!)
            server = nil
            #expect(released.object == nil, "neither a thread nor a route refers to it")
            traces.expectNone()
            #expect(ProcessFiles.settled(0) { publisher.object == nil ? 0 : 1 } == 0, "its routes are freed")
            #expect(
                lines.all
                    == ["warning: the server was released while it was serving, and stops: keep a reference to it"])
        }
    }

    @Test(
        "stops when one of its handlers released it, which still responds", arguments: DriverKind.allCases,
        ["/inline", "/blocking", "/async"])
    func releasedByHandler(driver: DriverKind, path: String) async throws {
        try await onOwnThread {
            let box = Box()
            var server: Server? = try Self.start(driver, Self.router(box))
            let traces = try Traces(server!)
            box.fill(server!)
            server = nil
            let client = RawClient(port: traces.port)
            try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
            #expect(try client.readResponse().text == "released")
            traces.expectNone()
        }
    }

    @Test("drains: requests in progress get their responses", arguments: DriverKind.allCases)
    func drains(driver: DriverKind) async throws {
        try await onOwnThread {
            let events = Events()
            var server: Server? = try Self.start(driver, Self.router(Box(), events))
            let traces = try Traces(server!)
            let client = RawClient(port: traces.port)
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            server = nil
            traces.lifecycle.wait(for: .closing)
            #expect(traces.lifecycle.phase == .closing, "the release has not waited")
            events.add("go on")
            #expect(try client.readResponse().text == "slow")
            traces.expectNone()
        }
    }

    @Test("that a failed reactor has made drain closes what is left", arguments: DriverKind.allCases)
    func failed(driver: DriverKind) async throws {
        try await onOwnThread {
            var server: Server? = try Self.start(driver, Self.router())
            let traces = try Traces(server!)
            let group = traces.lifecycle.reactorFailed(SystemError("io_uring_enter", code: EBADF))
            group?.requestStop(deadlineMilliseconds: 600_000)
            #expect(traces.lifecycle.phase == .closing)
            server = nil
            traces.expectNone()
        }
    }

    @Test("serves on as long as run() is executing, without any other reference", arguments: DriverKind.allCases)
    func running(driver: DriverKind) async throws {
        try await onOwnThread {
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.shutdownTimeout = .seconds(600)
            var server: Server? = try Server(router: Self.router(), configuration: configuration)
            let lifecycle = server!.lifecycle
            let held = Weak(object: server!)
            let box = Box()
            box.fill(server!)
            server = nil
            let runs = inBackground {
                #expect(throws: Never.self) { try box.take()?.run() }
            }
            lifecycle.wait(for: .serving)
            let client = RawClient(port: held.object!.port!)
            #expect(try client.get("/inline").status == 200)
            #expect(lifecycle.phase == .serving)
            held.object?.stop()
            runs.wait()
            #expect(lifecycle.phase == .stopped)
        }
    }

    @Test("that never served, or has stopped, reports nothing", arguments: DriverKind.allCases)
    func silent(driver: DriverKind) async throws {
        try await onOwnThread {
            let lines = Events()
            var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
            configuration.log = ClosureLog { lines.add($0) }
            _ = try Server(router: Self.router(), configuration: configuration)
            let server = try Self.start(driver, Self.router(), { lines.add($0) })
            server.stop()
            _ = consume server
            #expect(lines.all == [])
        }
    }
}
