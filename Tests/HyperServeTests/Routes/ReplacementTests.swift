import Glibc
import HyperServe
import HyperServeTesting
import Synchronization
import TestSupport
import Testing

/// The routes of a running server may be replaced at any time.
@Suite("Replacing routes", .serialized, .timeLimit(.minutes(20)))
struct ReplacementTests {
    private static let replacements = 1000

    /// Routes that respond with the generation. In every second router, the routes have other numbers.
    private static func router(_ generation: Int) -> Router {
        var router = Router()
        if generation % 2 == 1 { router.get("/first") { _ in .text("wrong") } }
        router.use(Marking(name: "m"))
        router.post("/body") { request in .text(request.body.count == 8 ? "\(generation)" : "wrong") }
        if generation % 3 == 1 { router.get("/{other}") { _ in .text("wrong") } }
        router.get("/inline") { _ in .text("\(generation)") }
        router.get("/async") { _ async in
            await Task.yield()
            return .text("\(generation)")
        }
        router.get("/blocking", .blocking) { _ in .text("\(generation)") }
        return router
    }

    /// An object of a program that calls the server when it is freed.
    private final class Resource: Sendable {
        private let whenFreed: @Sendable () -> Void

        init(_ whenFreed: @escaping @Sendable () -> Void) { self.whenFreed = whenFreed }

        var text: String { "ok" }

        deinit { whenFreed() }
    }

    @Test("frees the old routes where their objects may call the server", arguments: [false, true])
    func freesObjects(isServing: Bool) throws {
        let tally = Tally()
        let server = try Server(router: Self.router(0), configuration: ServerConfiguration(port: 0, threads: 1))
        if isServing { try server.start() }
        for _ in 0..<20 {
            let resource = Resource {
                // Both lock what `replaceRoutes` does.
                #expect(server.routes.count > 0 && server.routeTableStatistics.replacementCount > 0)
                tally.responses.add(1, ordering: .relaxed)
            }
            var router = Router()
            router.get("/") { _ in .text(resource.text) }
            try server.replaceRoutes(with: router)
        }
        try server.replaceRoutes(with: Self.router(0))
        if isServing { server.stop() }
        #expect(ProcessFiles.settled(-20) { -tally.responses.load(ordering: .relaxed) } == -20)
    }

    /// The results of the clients.
    private final class Tally: Sendable {
        let responses = Atomic<Int>(0)
        let failed = Atomic<Int>(0)
        let isOver = Atomic<Bool>(false)
    }

    /// Sends requests until the test is over. The generations must never decrease: a later request is not served by
    /// older routes.
    private static func ask(_ path: String, port: Int, _ tally: Tally) {
        let client = RawClient(port: port)
        var last = 0
        while !tally.isOver.load(ordering: .relaxed) {
            do {
                if path == "/body" {
                    // The routes may be replaced before the rest of the body arrives.
                    try client.send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n\r\nhalf")
                    usleep(500)
                    try client.send("half")
                } else {
                    try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                }
                let response = try client.readResponse()
                guard response.status == 200, let number = Int(response.text), number >= last else {
                    tally.failed.add(1, ordering: .relaxed)
                    return
                }
                last = number
                tally.responses.add(1, ordering: .relaxed)
            } catch {
                tally.failed.add(1, ordering: .relaxed)
                return
            }
        }
    }

    @Test(
        "a thousand times under load fails no request, and all but the last are freed",
        arguments: DriverKind.allCases)
    func underLoad(driver: DriverKind) async throws {
        var configuration = ServerConfiguration(port: 0, threads: 2, driver: driver)
        configuration.blockingThreads = 2...2
        configuration.maximumBlockingWait = .seconds(300)
        let server = try Server(router: ReplacementTests.router(0), configuration: configuration)
        try await server.start()
        defer { server.stopLeavingNothing() }
        let tally = Tally()
        try await onOwnThread {
            let port = server.port!
            let clients = ["/inline", "/async", "/blocking", "/body"].flatMap { path in
                (0..<4).map { _ in inBackground { ReplacementTests.ask(path, port: port, tally) } }
            }
            defer {
                tally.isOver.store(true, ordering: .relaxed)
                for client in clients { client.wait() }
            }
            for generation in 1...ReplacementTests.replacements {
                try server.replaceRoutes(with: ReplacementTests.router(generation))
                usleep(1000)
            }
        }
        #expect(tally.failed.load(ordering: .relaxed) == 0)
        #expect(tally.responses.load(ordering: .relaxed) > 100)
        #expect(server.routeTableStatistics.replacementCount == ReplacementTests.replacements)
        while server.routeTableStatistics.liveTableCount > 1 { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("an idle server frees the old ones as well", arguments: DriverKind.allCases)
    func idle(driver: DriverKind) async throws {
        let server = try Server(
            router: ReplacementTests.router(0), configuration: .init(port: 0, threads: 2, driver: driver))
        #expect(server.routeTableStatistics.liveTableCount == 1)
        try await server.start()
        defer { server.stopLeavingNothing() }
        for generation in 1...100 { try server.replaceRoutes(with: ReplacementTests.router(generation)) }
        while server.routeTableStatistics.liveTableCount > 1 { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test("takes effect for the next request, and not for those in progress", .timeLimit(.minutes(20)))
    func order() async throws {
        let server = try Server(router: ReplacementTests.router(0))
        let client = try TestClient(server: server)
        let upload = try await client.beginUpload(.post, "/body", headers: ["Content-Length": "8"])
        try await upload.write("half")
        // After this response, the server has seen the head before it.
        #expect(try await client.get("/inline").text == "0")
        for generation in 1...5 {
            try server.replaceRoutes(with: ReplacementTests.router(generation))
            for path in ["/inline", "/async", "/blocking"] {
                #expect(try await client.get(path).text == "\(generation)")
            }
            #expect(try await client.post("/body", body: "12345678").text == "\(generation)")
        }
        try await upload.write("half")
        #expect(try await upload.response().text == "0")
    }

    @Test("a mistake leaves the routes unchanged", .timeLimit(.minutes(20)))
    func mistake() async throws {
        let server = try Server(router: ReplacementTests.router(7))
        let client = try TestClient(server: server)
        var mistake = Router()
        mistake.get("no slash") { _ in .text("wrong") }
        #expect(throws: RouteError.self) { try server.replaceRoutes(with: mistake) }
        #expect(try await client.get("/inline").text == "7")
        #expect(server.routeTableStatistics == .init(replacementCount: 0, liveTableCount: 1))
    }

    @Test("the first blocking route may come later", .timeLimit(.minutes(20)))
    func laterPool() async throws {
        let server = try Server(router: Router())
        let client = try TestClient(server: server)
        #expect(try await client.get("/blocking").status == .notFound)
        try server.replaceRoutes(with: ReplacementTests.router(1))
        #expect(try await client.get("/blocking").text == "1")
        #expect(server.routes.map(\.pattern).contains("/blocking"))
    }
}
