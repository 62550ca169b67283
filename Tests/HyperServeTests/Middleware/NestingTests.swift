import HyperServe
import HyperServeTesting
import Testing

/// The effect of middlewares of one kind on each other, and on those around them.
@Suite("Nested middlewares", .timeLimit(.minutes(20)))
struct NestingTests {
    /// Two limits with different policies. The inner one only limits requests with a key.
    private static func client(outer: Int, inner: Int) throws -> TestClient {
        var router = Router()
        router.use(RateLimit(outer, per: .seconds(100)))
        router.group { group in
            group.use(RateLimit(inner, per: .seconds(50), by: .custom { request, _ in request.headers["Key"] }))
            group.get("/inline") { _ in .text("") }
            group.get("/blocking", .blocking) { _ in .text("") }
            group.get("/async") { _ async in .text("") }
            group.get("/throws") { _ in throw HTTPError(.conflict) }
        }
        return try TestClient(router: router)
    }

    private static func policy(outer: Int) -> String { "\"default\";q=\(outer);w=100" }
    private static func policy(inner: Int) -> String { "\"default\";q=\(inner);w=50" }
    private static let paths = ["/inline", "/blocking", "/async", "/throws"]

    @Test("a request that two rate limits allow has policy and state of the inner one", arguments: paths)
    func bothAllow(path: String) async throws {
        let response = try await NestingTests.client(outer: 10, inner: 4).get(path, headers: ["Key": "a"])
        #expect(response.headers["RateLimit-Policy"] == NestingTests.policy(inner: 4))
        #expect(response.headers["RateLimit"] == "\"default\";r=3;t=13")
        #expect(response.headers.count { $0.name == "RateLimit" } == 1)
    }

    @Test("one that only the outer rate limit limits has policy and state of that", arguments: paths)
    func innerIsNotAsked(path: String) async throws {
        let response = try await NestingTests.client(outer: 10, inner: 4).get(path)
        #expect(response.headers["RateLimit-Policy"] == NestingTests.policy(outer: 10))
        #expect(response.headers["RateLimit"] == "\"default\";r=9;t=10")
    }

    @Test("one that a rate limit rejects has policy and state of that", arguments: paths)
    func refused(path: String) async throws {
        let byInner = try NestingTests.client(outer: 10, inner: 1)
        _ = try await byInner.get(path, headers: ["Key": "a"])
        let inner = try await byInner.get(path, headers: ["Key": "a"])
        #expect(inner.status == .tooManyRequests && inner.headers["Retry-After"] == "50")
        #expect(inner.headers["RateLimit-Policy"] == NestingTests.policy(inner: 1))
        #expect(inner.headers["RateLimit"] == "\"default\";r=0;t=50")

        let byOuter = try NestingTests.client(outer: 1, inner: 10)
        _ = try await byOuter.get(path, headers: ["Key": "a"])
        let outer = try await byOuter.get(path, headers: ["Key": "a"])
        #expect(outer.status == .tooManyRequests && outer.headers["Retry-After"] == "100")
        #expect(outer.headers["RateLimit-Policy"] == NestingTests.policy(outer: 1))
        #expect(outer.headers["RateLimit"] == "\"default\";r=0;t=100")
    }

    private struct Mistake: Error {}

    /// Throws as the request says: before the call of `next`, or after.
    private struct Failing: AsyncMiddleware {
        func handle(_ request: borrowing Request, context: inout RequestContext, next: Next) async throws -> Response {
            if request.headers["Fail"] == "before" { throw Mistake() }
            let response = try await next(request, &context)
            if request.headers["Fail"] == "after" { throw Mistake() }
            return response
        }
    }

    /// Handlers of all modes with these middlewares around them.
    private static func client(_ middlewares: [any Middleware]) throws -> TestClient {
        var router = Router()
        for middleware in middlewares { router.use(middleware) }
        router.get("/inline") { request in
            if request.headers["Fail"] == "handler" { throw Mistake() }
            return .text("handled")
        }
        router.get("/blocking", .blocking) { request in
            if request.headers["Fail"] == "handler" { throw Mistake() }
            return .text("handled")
        }
        router.get("/async") { request async throws in
            if request.headers["Fail"] == "handler" { throw Mistake() }
            return .text("handled")
        }
        return try TestClient(router: router)
    }

    private static func mapping(_ text: String) -> ErrorMapping {
        ErrorMapping { $0 is Mistake ? .text(text, status: .conflict) : nil }
    }

    @Test("an error mapping applies to errors inside it", arguments: ["/inline", "/blocking", "/async"])
    func mapsWithin(path: String) async throws {
        for middlewares: [any Middleware] in [
            [Self.mapping("mapped"), Failing()],
            [SecurityHeaders(), Self.mapping("mapped"), Failing(), SecurityHeaders()],
            [Self.mapping("mapped"), RequestIDs(), ErrorMapping { _ in nil }, Failing()],
        ] {
            let client = try NestingTests.client(middlewares)
            for place in ["before", "handler", "after"] {
                #expect(try await client.get(path, headers: ["Fail": place]).text == "mapped", "\(place)")
            }
            #expect(try await client.get(path).text == "handled")
        }
    }

    @Test("and not to errors outside it", arguments: ["/inline", "/blocking", "/async"])
    func mapsNothingOutside(path: String) async throws {
        for middlewares: [any Middleware] in [
            [Failing(), Self.mapping("mapped")], [SecurityHeaders(), Failing(), RequestIDs(), Self.mapping("mapped")],
        ] {
            let client = try NestingTests.client(middlewares)
            for place in ["before", "after"] {
                let status = try await client.get(path, headers: ["Fail": place]).status
                #expect(status == .internalServerError, "\(place)")
            }
            #expect(try await client.get(path, headers: ["Fail": "handler"]).text == "mapped")
        }
        // The outer one maps all errors, the inner one only those inside it.
        let client = try NestingTests.client([Self.mapping("outer"), Failing(), Self.mapping("inner")])
        for (place, text) in [("before", "outer"), ("handler", "inner"), ("after", "outer")] {
            #expect(try await client.get(path, headers: ["Fail": place]).text == text, "\(place)")
        }
    }
}
