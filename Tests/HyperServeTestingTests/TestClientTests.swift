import HyperServe
import HyperServeTesting
import Testing

@Suite("An application is tested without a socket", .timeLimit(.minutes(20)))
struct TestClientTests {
    @Test("three lines suffice")
    func threeLines() async throws {
        var router = Router()
        router.get("/hello/{name}") { request in .text("Hello, \(request.parameters["name"]!)!") }

        let client = try TestClient(router: router)
        let response = try await client.get("/hello/Ada")
        #expect(response.text == "Hello, Ada!")

        #expect(response.status == .ok)
        #expect(response.headers["content-type"] == "text/plain; charset=utf-8")
        #expect(response.headers["Date"] != nil)
    }

    @Test("inline, async and blocking handlers respond", arguments: ["/inline", "/async", "/blocking", "/sleeping"])
    func modes(path: String) async throws {
        let client = try TestClient(router: .ofEveryMode)
        let response = try await client.post(path, body: "body")
        #expect(response.status == .ok)
        #expect(response.text == "\(path) body")
    }

    @Test("every method has its function, and HEAD has no body")
    func methods() async throws {
        var router = Router()
        for method in [Method.get, .post, .put, .patch, .delete] {
            router.on(method, "/") { request in .text("\(request.method) \(request.body.text)") }
        }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").text == "GET ")
        #expect(try await client.post("/", body: "a").text == "POST a")
        #expect(try await client.put("/", body: "b").text == "PUT b")
        #expect(try await client.patch("/", body: "c").text == "PATCH c")
        #expect(try await client.delete("/").text == "DELETE ")
        #expect(try await client.send(.options, "/").status == .noContent)
        let head = try await client.head("/")
        #expect(head.body == [])
        #expect(head.headers["Content-Length"] == "5")
    }

    @Test("the body of a request that was complete can't be written, which is an error")
    func completeBody() async throws {
        var router = Router()
        router.post("/") { request in .text(request.body.text) }
        let exchange = try await TestClient(router: router).begin(.post, "/", body: [97])
        let error = TestError.malformedRequest("only the body of an upload is written in pieces")
        await #expect(throws: error) { try await exchange.write("b") }
        #expect(try await exchange.response().text == "a")
    }

    @Test("a value is sent as JSON")
    func json() async throws {
        var router = Router()
        router.post("/") { request in .text("\(request.headers["Content-Type"] ?? "") \(request.body.text)") }
        let client = try TestClient(router: router)
        #expect(try await client.post("/", json: ["name": "Ada"]).text == #"application/json {"name":"Ada"}"#)
    }

    @Test("a response in JSON is decoded, and any other is not")
    func decoding() async throws {
        var router = Router()
        router.get("/json") { _ in try .json(["name": "Ada"]) }
        router.get("/text") { _ in .text(#"{"name":"Ada"}"#) }
        let client = try TestClient(router: router)
        #expect(try await client.get("/json").decode(json: [String: String].self) == ["name": "Ada"])
        let text = try await client.get("/text")
        #expect(throws: TestError.self) { try text.decode(json: [String: String].self) }
        let json = try await client.get("/json")
        #expect(throws: DecodingError.self) { try json.decode(json: [Int].self) }
    }

    @Test("what a client sends is subject to the server's limits")
    func limits() async throws {
        var router = Router()
        router.post("/") { request in .text("\(request.body.count)") }
        var configuration = ServerConfiguration()
        configuration.maximumBodyByteCount = 1_000_000
        let client = try TestClient(router: router, configuration: configuration)
        let largest = [UInt8](repeating: 1, count: 1_000_000)
        #expect(try await client.send(.post, "/", body: largest).text == "1000000")
        #expect(try await client.send(.post, "/", body: largest + [1]).status == .contentTooLarge)
        #expect(try await client.get("/" + String(repeating: "a", count: 9000)).status == .uriTooLong)
    }

    @Test("fields are sent unchanged, including Host, and a line break is rejected")
    func fields() async throws {
        var router = Router()
        router.get("/") { request in .text("\(request.host) \(request.headers["X-A"] ?? "")") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").text == "localhost ")
        #expect(try await client.get("/", headers: ["Host": "a.example", "X-A": "1"]).text == "a.example 1")
        for headers: HeaderFields in [["X-A": "1\r\n\r\nGET /b HTTP/1.1"], ["X-A": "1\nX-B: 2"], ["X-\r": ""]] {
            await #expect(throws: TestError.self) { try await client.get("/", headers: headers) }
        }
        await #expect(throws: TestError.self) { try await client.get("/ HTTP/1.1\r\nX-A: 1\r\n") }
    }

    @Test("the server sees the address that the client is given")
    func peers() async throws {
        var router = Router()
        router.get("/", .inline) { request in .text(request.peerAddress?.host ?? "nobody") }
        router.get("/blocking", .blocking) { request in .text(request.peerAddress?.host ?? "nobody") }
        let client = try TestClient(router: router)
        #expect(try await client.get("/").text == "127.0.0.1")
        for path in ["/", "/blocking"] {
            let connection = try client.connect(from: "2001:db8::7")
            try await connection.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.readResponse().text == "2001:db8::7")
        }
        #expect(throws: ListenError.self) { try client.connect(from: "no address") }
    }

    @Test("connections count against their limits")
    func connectionLimits() async throws {
        var configuration = ServerConfiguration(threads: 1)
        configuration.maximumConnectionsPerAddress = 1
        let client = try TestClient(router: .ofEveryMode, configuration: configuration)
        let first = try client.connect(from: "192.0.2.1")
        let second = try client.connect(from: "192.0.2.1")
        let other = try client.connect(from: "192.0.2.2")
        #expect(try await second.readResponse().status == .serviceUnavailable)
        for connection in [first, other] {
            try await connection.send("POST /inline HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await connection.readResponse().status == .ok)
        }
    }

    @Test("a mistake in the routes is thrown at once")
    func routeError() {
        var router = Router()
        router.get("no slash") { _ in .text("") }
        #expect(throws: RouteError.self) { try TestClient(router: router) }
    }

    @Test("many requests at a time each get their own response")
    func concurrency() async throws {
        let client = try TestClient(router: .ofEveryMode)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                let path = ["/inline", "/async", "/blocking"][number % 3]
                group.addTask {
                    let response = try await client.post(path, body: "\(number)")
                    #expect(response.text == "\(path) \(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test("waiting for a response that never arrives ends with the task")
    func cancellation() async throws {
        let client = try TestClient(router: .ofEveryMode)
        let connection = try client.connect()
        try await connection.send("POST /inline HTTP/1.1\r\n")
        let reading = Task { try await connection.readResponse() }
        reading.cancel()
        await #expect(throws: CancellationError.self) { try await reading.value }
    }
}

extension Router {
    /// A route for each kind of handler, which responds with its path and the body.
    static var ofEveryMode: Router {
        var router = Router()
        router.post("/inline") { request in .text("/inline \(request.body.text)") }
        router.post("/async") { request async in
            await Task.yield()
            return .text("/async \(request.body.text)")
        }
        router.post("/sleeping") { request async throws in
            try await Task.sleep(for: .milliseconds(1))
            return .text("/sleeping \(request.body.text)")
        }
        router.post("/blocking", .blocking) { request in .text("/blocking \(request.body.text)") }
        return router
    }
}
