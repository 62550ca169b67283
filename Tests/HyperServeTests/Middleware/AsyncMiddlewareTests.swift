import Glibc
import HyperServe
import TestSupport
import Testing

@Suite("Async middlewares", .timeLimit(.minutes(20)))
struct AsyncMiddlewareTests {
    /// Knows the sessions, as a database does.
    private actor Sessions {
        private var asked = 0

        func isValid(_ session: String?) async -> Bool {
            asked += 1
            await Task.yield()
            return session == "secret"
        }
    }

    /// Lets only requests with a session through.
    private struct SessionGuard: AsyncRequestFilter, ResponseFilter {
        let sessions = Sessions()

        func before(_ request: borrowing Request, context: inout RequestContext) async throws -> Response? {
            let session = request.headers["Session"]
            guard await sessions.isValid(session) else { throw HTTPError(.unauthorized, "no session") }
            try await Task.sleep(for: .milliseconds(1))
            context.principal = session
            return request.headers.contains("Early") ? .text("early") : nil
        }

        func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            response.headers["After"] = context.principal
        }
    }

    /// Stays with its caller.
    private struct Around: AsyncMiddleware {
        func handle(_ request: borrowing Request, context: inout RequestContext, next: Next) async throws -> Response {
            await Task.yield()
            var response = try await next(request, &context)
            response.headers["Around"] = threadName()
            return response
        }
    }

    /// Stays with its caller, too, and says so.
    private struct Inside: AsyncMiddleware {
        nonisolated(nonsending)
            func handle(_ request: borrowing Request, context: inout RequestContext, next: Next) async throws
            -> Response
        {
            try await Task.sleep(for: .milliseconds(1))
            var response = try await next(request, &context)
            response.headers["Inside"] = threadName()
            return response
        }
    }

    private static func router(_ middlewares: [any Middleware]) -> Router {
        var router = Router()
        for middleware in middlewares { router.use(middleware) }
        router.get("/inline") { _, context in .text("\(threadName()) \(context.principal ?? "none")") }
        router.get("/async") { _, context async throws in
            try await Task.sleep(for: .milliseconds(1))
            return .text("\(threadName()) \(context.principal ?? "none")")
        }
        router.get("/blocking", .blocking) { _, context in
            usleep(1_000)
            return .text("\(threadName()) \(context.principal ?? "none")")
        }
        router.get("/stream", .blocking) { _, context in
            let text = "\(threadName()) \(context.principal ?? "none")"
            return .blockingStream { writer in try writer.write(text) }
        }
        return router
    }

    private static let places = [
        "/inline": "hs-reactor-0", "/async": "hs-reactor-0", "/blocking": "hs-block", "/stream": "hs-block",
    ]

    @Test("guard handlers of every kind", arguments: DriverKind.allCases)
    func guards(driver: DriverKind) async throws {
        try await withServer(driver, Self.router([SessionGuard()])) { port in
            let client = RawClient(port: port)
            for (path, thread) in Self.places {
                let refused = try client.get(path)
                #expect(refused.status == 401 && refused.text == "no session")
                #expect(refused.headers["after"] == nil)
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nSession: secret\r\n\r\n")
                let allowed = try client.readResponse()
                #expect(allowed.text == "\(thread) secret")
                #expect(allowed.headers["after"] == "secret")
                try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\nSession: secret\r\nEarly: 1\r\n\r\n")
                let early = try client.readResponse()
                #expect(early.text == "early" && early.headers["after"] == nil)
            }
            // Without a route, too.
            #expect(try client.get("/nowhere").status == 401)
            try client.send("DELETE /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try client.readResponse().status == 401)
            try client.send("DELETE /blocking HTTP/1.1\r\nHost: a\r\nSession: secret\r\n\r\n")
            #expect(try client.readResponse().status == 405)
        }
    }

    @Test("wrap handlers, which run where they do without them", arguments: DriverKind.allCases)
    func wraps(driver: DriverKind) async throws {
        let middlewares: [any Middleware] = [Around(), SecurityHeaders(), Inside(), RequestIDs(), Around(), Inside()]
        try await withServer(driver, Self.router(middlewares)) { port in
            let client = RawClient(port: port)
            for _ in 0..<20 {
                for (path, thread) in Self.places {
                    let response = try client.get(path)
                    #expect(response.text == "\(thread) none")
                    #expect(response.headers["inside"] == thread)
                    #expect(response.headers["around"] == thread)
                    #expect(response.headers["x-request-id"] != nil)
                }
            }
        }
    }

    @Test("may block if they are concurrent, and so run on a thread of the runtime", arguments: DriverKind.allCases)
    func concurrent(driver: DriverKind) async throws {
        struct Checking: AsyncRequestFilter {
            @concurrent
            func before(_ request: borrowing Request, context: inout RequestContext) async throws -> Response? {
                context.principal = threadName()
                return nil
            }
        }
        try await withServer(driver, Self.router([Checking()])) { port in
            let client = RawClient(port: port)
            for (path, thread) in Self.places {
                let words = try client.get(path).text.split(separator: " ")
                #expect(words.first.map(String.init) == thread && words.last?.hasPrefix("hs-") == false)
            }
        }
    }

    @Test("of blocking routes hold up nobody else", arguments: DriverKind.allCases)
    func holdsUpNobody(driver: DriverKind) async throws {
        struct Slow: AsyncRequestFilter {
            func before(_ request: borrowing Request, context: inout RequestContext) async throws -> Response? {
                try await Task.sleep(for: .milliseconds(300))
                return nil
            }
        }
        var router = Router()
        router.get("/quick") { _ in .text("quick") }
        router.group("/slow") { group in
            group.use(Slow())
            group.get("/blocking", .blocking) { _ in .text("blocking") }
            group.get("/inline") { _ in .text("inline") }
        }
        try await withServer(driver, router) { port in
            let slow = (0..<2).map { _ in RawClient(port: port) }
            try slow[0].send("GET /slow/blocking HTTP/1.1\r\nHost: a\r\n\r\n")
            try slow[1].send("GET /slow/inline HTTP/1.1\r\nHost: a\r\n\r\n")
            let quick = RawClient(port: port)
            for _ in 0..<20 { #expect(try quick.get("/quick").text == "quick") }
            #expect(try slow[0].readResponse().text == "blocking")
            #expect(try slow[1].readResponse().text == "inline")
        }
    }
}
