import HyperServe
import HyperServeTesting
import Testing

@Suite("Middlewares wrap handlers", .timeLimit(.minutes(20)))
struct MiddlewareTests {
    /// Routes of every mode, wrapped in the middlewares of the test.
    private static func client(_ build: (inout Router) -> Void) throws -> TestClient {
        var router = Router()
        build(&router)
        router.get("/inline") { _ in .text("handled") }
        router.get("/blocking", .blocking) { _ in .text("handled") }
        router.get("/async") { _ async in .text("handled") }
        router.get("/streamed", body: .stream) { _ in .text("handled") }
        return try TestClient(router: router)
    }

    static let paths = ["/inline", "/blocking", "/async", "/streamed"]

    @Test("in the order in which they are used, the first one outermost", arguments: paths)
    func order(path: String) async throws {
        let client = try MiddlewareTests.client { router in
            router.use(Marking(name: "a"))
            router.use(Marking(name: "b"))
        }
        let response = try await client.get(path)
        #expect(response.text == "handled")
        #expect(response.headers["Trace"] == "ab")
    }

    @Test("of the router, the group and the route, whatever was added first")
    func levels() async throws {
        var router = Router()
        router.get("/early") { _ in .text("") }
        router.group("/group") { group in
            group.get("/plain") { _ in .text("") }
            group.get("/own", with: [Marking(name: "r")]) { _ in .text("") }
            group.use(Marking(name: "g"))
        }
        router.use(Marking(name: "o"))
        let client = try TestClient(router: router)
        #expect(try await client.get("/early").headers["Trace"] == "o")
        #expect(try await client.get("/group/plain").headers["Trace"] == "og")
        #expect(try await client.get("/group/own").headers["Trace"] == "ogr")
    }

    @Test("those of the outermost router also wrap the server's own responses")
    func ownResponses() async throws {
        let client = try MiddlewareTests.client { $0.use(Marking(name: "a")) }
        for (method, path, status) in [
            (Method.get, "/nowhere", Status.notFound), (.post, "/inline", .methodNotAllowed),
            (.options, "/inline", .noContent), (.options, "*", .noContent),
        ] {
            let response = try await client.send(method, path)
            #expect(response.status == status)
            #expect(response.headers["Trace"] == "a")
        }
    }

    @Test("those of a group also wrap 405 and responses to OPTIONS for its paths, but no 404")
    func groupsOwnResponses() async throws {
        var router = Router()
        router.group("/group") { group in
            group.use(Marking(name: "g"))
            group.post("/") { _ in .text("") }
        }
        let client = try TestClient(router: router)
        #expect(try await client.get("/group/").headers["Trace"] == "g")
        #expect(try await client.send(.options, "/group/").headers["Trace"] == "g")
        #expect(try await client.get("/group/nowhere").headers["Trace"] == nil)
    }

    /// Responds itself if the request says so.
    private struct Gate: Filter {
        func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
            if request.headers.contains("Refuse") { throw HTTPError(.forbidden, "refused") }
            return request.headers.contains("Respond") ? .text("early response") : nil
        }

        func after(_ request: borrowing Request, context: inout RequestContext, response: inout Response) {
            response.headers["Seen"] = "\(response.status.code)"
        }
    }

    @Test("and may respond without the handler", arguments: paths)
    func shortCut(path: String) async throws {
        let client = try MiddlewareTests.client { router in
            router.use(Marking(name: "a"))
            router.use(Gate())
        }
        let early = try await client.get(path, headers: ["Respond": "1"])
        #expect(early.text == "early response")
        #expect(early.headers["Trace"] == "a")
        #expect(early.headers["Seen"] == nil)
        let refused = try await client.get(path, headers: ["Refuse": "1"])
        #expect(refused.status == .forbidden)
        #expect(refused.text == "refused")
        #expect(try await client.get(path).headers["Seen"] == "200")
    }

    private struct Mistake: Error {}

    @Test("a filter sees the response to a thrown error", arguments: ["/inline", "/blocking", "/async"])
    func thrown(path: String) async throws {
        var router = Router()
        router.use(Gate())
        router.get("/inline") { _ in throw Mistake() }
        router.get("/blocking", .blocking) { _ in throw HTTPError(.conflict) }
        router.get("/async") { _ async throws in throw Mistake() }
        let response = try await TestClient(router: router).get(path)
        #expect(response.status == (path == "/blocking" ? .conflict : .internalServerError))
        #expect(response.headers["Seen"] == "\(response.status.code)")
    }

    /// Sets a name and a value for the handler.
    private struct Introduction: RequestFilter {
        func before(_ request: borrowing Request, context: inout RequestContext) throws -> Response? {
            context.principal = "Ada"
            context[Count.self] += 41
            context[Count.self] += 1
            return nil
        }
    }

    private enum Count: ContextKey {
        static let defaultValue = 0
    }

    private enum Untouched: ContextKey {
        static let defaultValue = "default"
    }

    @Test("the context passes their values to the handler", arguments: ["/inline/7", "/blocking/7", "/async/7"])
    func context(path: String) async throws {
        let text: @Sendable (borrowing Request, borrowing RequestContext) -> Response = { request, context in
            let values = "\(context[Count.self]) \(context[Untouched.self])"
            return .text(
                "\(context.principal ?? "") \(values) \(context.routePattern ?? "") \(request.parameters["id"] ?? "")")
        }
        var router = Router()
        router.use(Introduction())
        router.get("/inline/{id}") { request, context in text(request, context) }
        router.get("/blocking/{id}", .blocking) { request, context in text(request, context) }
        router.get("/async/{id}") { request, context async in text(request, context) }
        let response = try await TestClient(router: router).get(path)
        #expect(response.text == "Ada 42 default \(path.dropLast())" + "{id} 7")
    }

    @Test("every method has its functions with a context")
    func methods() async throws {
        var router = Router()
        router.use(Introduction())
        for method in [Method.get, .post, .put, .patch, .delete] {
            router.on(method, "/on") { _, context in .text(context.principal ?? "") }
            router.on(method, "/on/async") { _, context async in .text(context.principal ?? "") }
        }
        router.get("/") { _, context in .text(context.principal ?? "") }
        router.post("/") { _, context in .text(context.principal ?? "") }
        router.put("/") { _, context in .text(context.principal ?? "") }
        router.patch("/") { _, context in .text(context.principal ?? "") }
        router.delete("/") { _, context in .text(context.principal ?? "") }
        router.get("/async") { _, context async in .text(context.principal ?? "") }
        router.post("/async") { _, context async in .text(context.principal ?? "") }
        router.put("/async") { _, context async in .text(context.principal ?? "") }
        router.patch("/async") { _, context async in .text(context.principal ?? "") }
        router.delete("/async") { _, context async in .text(context.principal ?? "") }
        let client = try TestClient(router: router)
        for method in [Method.get, .post, .put, .patch, .delete] {
            for path in ["/", "/async", "/on", "/on/async"] {
                #expect(try await client.send(method, path).text == "Ada", "\(method) \(path)")
            }
        }
    }

    @Test("a streamed response passes through them")
    func streamedResponse() async throws {
        var router = Router()
        router.use(Marking(name: "a"))
        router.get("/") { _ in .stream { writer in try await writer.write("in pieces") } }
        let response = try await TestClient(router: router).get("/")
        #expect(response.text == "in pieces")
        #expect(response.headers["Trace"] == "a")
    }
}
