import HyperServe
import HyperServeTesting
import Synchronization
import Testing

@Suite("The logger of a request")
struct RequestLoggerTests {
    private final class Entries: Sendable {
        private let entries = Mutex<[LogEntry]>([])
        func add(_ entry: LogEntry) { entries.withLock { $0.append(entry) } }
        var all: [LogEntry] { entries.withLock { $0 } }
    }

    private struct Broken: Error {}

    private static func router() -> Router {
        var router = Router()
        router.use(RequestIDs(acceptsForeign: true))
        router.get("/inline/{id}") { _, context in
            context.logger.info("here", ["key": "value"], error: Broken())
            return .text("")
        }
        router.get("/async/{id}") { _, context async in
            context.logger.info("here", ["key": "value"], error: Broken())
            return .text("")
        }
        router.get("/blocking/{id}", .blocking) { _, context in
            context.logger.info("here", ["key": "value"], error: Broken())
            return .text("")
        }
        router.get("/request/{id}") { request in
            request.logger.info("here")
            return .text("")
        }
        return router
    }

    @Test("from a context has ID, route and peer", arguments: DriverKind.allCases, ["inline", "async", "blocking"])
    func context(driver: DriverKind, kind: String) async throws {
        let entries = Entries()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { entries.add($0) }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("GET /\(kind)/1 HTTP/1.1\r\nHost: a\r\nX-Request-Id: mine\r\n\r\n")
            #expect(try client.readResponse().status == 200)
        }
        let entry = try #require(entries.all.first)
        #expect(entries.all.count == 1 && entry.level == .info && entry.message == "here" && entry.error is Broken)
        #expect(entry.requestID == "mine" && entry.routePattern == "/\(kind)/{id}")
        #expect(entry.peer?.host == "127.0.0.1" && (entry.peer?.port ?? 0) > 0)
        #expect(entry.fields.mapValues(\.description) == ["key": "value"])
        #expect(entry.file.hasSuffix("/RequestLoggerTests.swift") && entry.line > 10)
    }

    @Test("from a request has method, route and peer", arguments: DriverKind.allCases)
    func request(driver: DriverKind) async throws {
        let entries = Entries()
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { entries.add($0) }
        }
        try await withServer(driver, Self.router(), configure: configure) { port in
            let response = try RawClient(port: port).get("/request/1")
            #expect(response.status == 200)
        }
        let entry = try #require(entries.all.first)
        #expect(entries.all.count == 1 && entry.method == .get && entry.routePattern == "/request/{id}")
        #expect(entry.peer?.host == "127.0.0.1" && entry.requestID == nil)
    }

    @Test("does not evaluate what is below the log's level, and nothing without a log")
    func levels() async throws {
        let entries = Entries()
        var router = Router()
        router.get("/") { request, context in
            var count = 0
            func message() -> String {
                count += 1
                return "m"
            }
            let logger = context.logger
            logger.trace(message())
            logger.debug(message(), ["a": "\(message())"])
            logger.info(message())
            logger.notice(message())
            logger.warning(message())
            logger.error(message())
            logger.critical(message())
            return .text("\(count) \(logger.isEnabled(.warning)) \(logger.isEnabled(.notice))")
        }
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog(level: .warning) { entries.add($0) }
        let client = try TestClient(router: router, configuration: configuration)
        #expect(try await client.get("/").text == "3 true false")
        #expect(entries.all.map(\.level) == [.warning, .error, .critical])
        configuration.log = nil
        let silent = try TestClient(router: router, configuration: configuration)
        #expect(try await silent.get("/").text == "0 false false")
    }

    @Test("may be kept, and has fields for all its entries, which those of an entry replace")
    func fields() async throws {
        let entries = Entries()
        var router = Router()
        router.get("/") { _, context async in
            var logger = context.logger
            logger.fields = ["user": "a", "step": "0"]
            await Task.detached { [logger] in logger.info("m", ["step": "1"]) }.value
            return .text("")
        }
        var configuration = ServerConfiguration()
        configuration.log = ClosureLog { entries.add($0) }
        _ = try await TestClient(router: router, configuration: configuration).get("/")
        #expect(entries.all.map { $0.fields.mapValues(\.description) } == [["user": "a", "step": "1"]])
    }
}
