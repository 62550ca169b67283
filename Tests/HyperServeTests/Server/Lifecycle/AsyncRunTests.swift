import Glibc
import Platform
import Reactor
import Synchronization
import TestSupport
import Testing

@testable import HyperServe

/// `run()` in async code.
@Suite("An async run")
struct AsyncRunTests {
    @MainActor
    private static func onMain() -> String {
        MainActor.assertIsolated()
        return "main"
    }

    private static func makeServer(_ driver: DriverKind, _ router: Router = Router()) throws -> Server {
        var configuration = ServerConfiguration(port: 0, threads: 1, driver: driver)
        configuration.shutdownTimeout = .seconds(600)
        return try Server(router: router, configuration: configuration)
    }

    @MainActor
    @Test("on the main actor lets handlers await the main actor", arguments: DriverKind.allCases)
    func mainActor(driver: DriverKind) async throws {
        var router = Router()
        router.get("/main") { _ async in .text(await Self.onMain()) }
        let server = try Self.makeServer(driver, router)
        let isReadyOnMain = Mutex(false)
        async let text = onOwnThread {
            server.lifecycle.wait(for: .serving)
            defer { server.stop() }
            return try RawClient(port: server.port!).get("/main").text
        }
        try await server.run {
            MainActor.assertIsolated()
            isReadyOnMain.withLock { $0 = true }
        }
        #expect(try await text == "main")
        #expect(isReadyOnMain.withLock { $0 })
        #expect(server.phase == .stopped)
    }

    @Test("ends when its task is cancelled, after the requests in progress", arguments: DriverKind.allCases)
    func cancelled(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/slow") { _ async throws in
            events.add("begun")
            while !events.has("go on") { try await Task.sleep(for: .milliseconds(5)) }
            return .text("slow")
        }
        let server = try Self.makeServer(driver, router)
        let running = Task { try await server.run() }
        // On one thread: the test's own task may have to wait for a thread of the runtime for long.
        let text = try await onOwnThread {
            server.lifecycle.wait(for: .serving)
            let client = RawClient(port: server.port!)
            try client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            running.cancel()
            server.lifecycle.wait(for: .closing)
            #expect(server.phase == .closing, "it waits for the request, whose task is not cancelled")
            events.add("go on")
            return try client.readResponse().text
        }
        #expect(text == "slow")
        try await running.value
        #expect(server.phase == .stopped)
    }

    @Test("holds no thread of the runtime: more servers run than the runtime has threads")
    func manyServers() async throws {
        var router = Router()
        router.get("/") { _ async in .text(await Task { "ok" }.value) }
        let count = ServerConfiguration.availableProcessors * 2 + 2
        let servers = try (0..<count).map { _ in try Self.makeServer(.epoll, router) }
        try await withThrowingTaskGroup { group in
            for server in servers { group.addTask { try await server.run() } }
            try await onOwnThread { () throws -> Void in
                for server in servers {
                    server.lifecycle.wait(for: .serving)
                    #expect(try RawClient(port: server.port!).get("/").text == "ok")
                }
            }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(servers.allSatisfy { $0.phase == .stopped })
    }

    @Test("of a task that was cancelled before returns without having served")
    func cancelledBefore() async throws {
        let server = try Self.makeServer(.epoll)
        try await Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            try await server.run { Issue.record("it was ready") }
        }.value
        #expect(server.phase == .stopped && !server.lifecycle.hasServed)
        await #expect(throws: Never.self) { try await server.run() }
    }

    @Test(
        "of a server that serves only throws, like a start, although its task is cancelled", arguments: [true, false])
    func cancelledSecond(isRun: Bool) async throws {
        let server = try Self.makeServer(.epoll)
        try await server.start()
        await Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await #expect(throws: ServerError.alreadyStarted) {
                if isRun { try await server.run() } else { try await server.start() }
            }
        }.value
        #expect(server.phase == .serving && server.isReady)
        await server.stop()
    }

    @Test("throws what ended the server", arguments: DriverKind.allCases)
    func failures(driver: DriverKind) async throws {
        let server = try Self.makeServer(driver)
        let error = SystemError("io_uring_enter", code: EBADF)
        await #expect(throws: ServerError.reactorFailed(error)) {
            try await server.run { server.lifecycle.reactorFailed(error)?.requestStop(deadlineMilliseconds: 0) }
        }
        #expect(server.phase == .stopped)
        await #expect(throws: ServerError.stopped) { try await server.run() }
        let other = try Server(router: Router(), configuration: .init(host: "192.0.2.1", port: 0, threads: 1))
        await #expect(throws: ServerError.self) { try await other.run() }
        #expect(other.phase == .created)
    }

    @Test("However many tasks and threads start, run and stop at once, one serves and all return")
    func stress() async throws {
        for round in 0..<6 {
            let server = try Self.makeServer(round.isMultiple(of: 2) ? .epoll : .ioUring)
            let errors = Events()
            await withTaskGroup { group in
                for number in 0..<10 {
                    group.addTask {
                        try? await Task.sleep(for: .microseconds(Int.random(in: 0...(1 + round * 300))))
                        do {
                            switch number % 5 {
                            case 0: try await onOwnThread { try server.start() }
                            case 1: try await server.run()
                            case 2: try await onOwnThread { try server.run() }
                            case 3: await server.stop()
                            default: try await onOwnThread { server.stop() }
                            }
                        } catch {
                            errors.add("\(error)")
                        }
                        if number % 5 > 2 { #expect(server.phase == .stopped) }
                    }
                }
            }
            let allowed = ["\(ServerError.alreadyStarted)", "\(ServerError.stopped)"]
            #expect(errors.all.allSatisfy { allowed.contains($0) }, "\(errors.all)")
            #expect(server.phase == .stopped && server.lifecycle.group == nil)
            #expect(Leaks.list(server.statistics) == [])
        }
    }
}
