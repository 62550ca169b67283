import HyperServe
import HyperServeTesting
import Testing

/// What a custom format gets, and what becomes of what it returns.
@Suite("A custom format of errors", .timeLimit(.minutes(20)))
struct CustomErrorTests {
    private static func client(
        _ log: Events = Events(), _ format: @escaping @Sendable (ErrorDescription) throws -> Response
    ) throws -> TestClient {
        var router = Router()
        router.get("/throws") { _ in
            var problem = ProblemDetails(.conflict, detail: "<taken>")
            problem.type = "https://example.com/taken"
            problem.title = "Taken"
            problem.instance = "/1"
            problem.extensions = ["by": "Ada"]
            throw HTTPError(problem, headers: ["X-Reason": "a", "X-Reason": "b"])
        }
        router.get("/silent") { _ in throw HTTPError(.conflict) }
        router.get("/unregistered") { _ in throw HTTPError(Status(499)!) }
        router.get("/empty") { _ in throw HTTPError(.noContent, "nothing") }
        router.get("/framing") { _ in
            throw HTTPError(.conflict, "taken", headers: ["Content-Length": "1", "Transfer-Encoding": "x"])
        }
        var configuration = ServerConfiguration()
        configuration.errorFormat = .custom(format)
        configuration.log = ClosureLog { log.add($0) }
        return try TestClient(router: router, configuration: configuration)
    }

    @Test("gets the problem, the fields and the request")
    func description() async throws {
        let client = try Self.client { error in
            let request = try #require(error.request)
            #expect(request.path == "/throws" && request.method == .get && request.accept == "text/html, */*;q=0.1")
            #expect(request.preferredMediaType(of: [.json, .html]) == .html && request.accepts(.json))
            #expect(error.title == "Taken" && error.detail == "<taken>" && error.status == .conflict)
            #expect(error.problem.type == "https://example.com/taken" && error.problem.instance == "/1")
            #expect(error.problem.extensions["by"] as? String == "Ada" && error.headers["X-Reason"] == "a")
            return .html("<h1>\(error.title)</h1>\(ErrorDescription.escapedHTML(error.detail ?? ""))")
        }
        let response = try await client.send(
            .get, "/throws?a=1", headers: ["Accept": "text/html", "Accept": "*/*;q=0.1"])
        #expect(response.status == .conflict && response.text == "<h1>Taken</h1>&lt;taken&gt;")
        #expect(response.headers["Content-Type"] == "text/html; charset=utf-8")
        #expect(response.headers.filter { $0.name == "X-Reason" }.map(\.value) == ["a", "b"])
    }

    @Test("gets no request if none could be read")
    func withoutRequest() async throws {
        let client = try Self.client { error in .text("\(error.request == nil) \(error.detail ?? "")") }
        let response = try await client.send(raw: "GET / HTTP/1.1\r\n\r\n")[0]
        #expect(response.status == .badRequest && response.text == "true the Host field is missing")
    }

    @Test("can't change the status, nor the fields that the error has")
    func kept() async throws {
        let client = try Self.client { _ in
            Response(status: .ok, contentType: .html, headers: ["x-reason": "c", "X-Page": "1"], body: .text("page"))
        }
        let response = try await client.get("/throws")
        #expect(response.status == .conflict && response.text == "page" && response.headers["X-Page"] == "1")
        #expect(response.headers.filter { $0.name.lowercased() == "x-reason" }.map(\.value) == ["a", "b"])
    }

    @Test("writes no body where none is allowed, and no framing")
    func framing() async throws {
        let client = try Self.client { _ in
            Response(headers: ["Transfer-Encoding": "chunked", "Content-Length": "3"], body: .text("page"))
        }
        let empty = try await client.get("/empty")
        #expect(empty.status == .noContent && empty.text == "" && empty.headers["Content-Length"] == nil)
        for path in ["/framing", "/silent"] {
            let response = try await client.get(path)
            #expect(response.status == .conflict && response.text == "page")
            #expect(response.headers["Content-Length"] == "4" && response.headers["Transfer-Encoding"] == nil)
        }
    }

    @Test(
        "that fails is replaced by plain text and logged",
        arguments: [
            ("throws", "ErrorFormatFailure()"), ("stream", "it returned a stream"),
            ("field", "it returned the invalid header field X-Value"),
        ])
    func failing(kind: String, reason: String) async throws {
        let log = Events()
        let client = try Self.client(log) { _ in
            switch kind {
            case "throws": throw ErrorFormatFailure()
            case "stream": .stream { writer async throws in try await writer.write("a") }
            default: Response(headers: ["X-Value": "a\r\nX-Other: b"])
            }
        }
        let cases: [(path: String, status: UInt16, text: String)] = [
            ("/throws", 409, "<taken>"), ("/silent", 409, "Conflict\n"), ("/unregistered", 499, "499\n"),
            ("/nowhere", 404, "Not Found\n"),
        ]
        for (path, status, text) in cases {
            let response = try await client.get(path)
            #expect(response.status.code == status && response.text == text, "\(path)")
            #expect(response.headers["Content-Type"] == "text/plain; charset=utf-8")
            #expect(response.headers["X-Reason"] == (path == "/throws" ? "a" : nil))
            let line = "error GET \(path): the error format failed, and the response is plain text: \(reason)"
            #expect(log.all.contains(line), "\(log.all)")
        }
        let refused = try await client.send(raw: "GET / HTTP/1.1\r\n\r\n")[0]
        #expect(refused.status == .badRequest && refused.text == "the Host field is missing\n")
        #expect(log.all.contains { $0.hasPrefix("error: the error format failed, and the response is plain text") }, "\(log.all)")
    }
}

/// Header fields of errors.
@Suite("The header fields of an HTTPError", .timeLimit(.minutes(20)))
struct ErrorFieldTests {
    private static let formats: [(format: ErrorFormat, type: String)] = [
        (.text, "text/plain; charset=utf-8"), (.problemDetails, "application/problem+json"),
        (.html, "text/html; charset=utf-8"),
    ]

    private static func router() -> Router {
        var router = Router()
        for (path, value) in [("/valid", "3"), ("/invalid", "3\r\nX-Injected: 1")] {
            let error = HTTPError(.tooManyRequests, "Slow down.", headers: ["Retry-After": value])
            router.get(path) { _ in throw error }
            router.get("/async" + path) { _ async throws in throw error }
            router.get("/blocking" + path, .blocking) { _ in throw error }
            router.get("/problem" + path) { _ in
                throw HTTPError(ProblemDetails(.tooManyRequests), headers: ["Retry-After": value])
            }
        }
        return router
    }

    private static let prefixes = ["", "/async", "/blocking", "/problem"]

    @Test("are sent in every format")
    func sent() async throws {
        for (format, type) in Self.formats {
            var configuration = ServerConfiguration()
            configuration.errorFormat = format
            let client = try TestClient(router: Self.router(), configuration: configuration)
            for prefix in Self.prefixes where prefix != "/problem" || type != Self.formats[0].type {
                let response = try await client.get(prefix + "/valid")
                #expect(response.status == .tooManyRequests && response.headers["Retry-After"] == "3")
                #expect(response.headers["Content-Type"] == type, "\(prefix)")
            }
        }
    }

    @Test("and messages that contain what the client sent can't break out of problem details")
    func escaped() async throws {
        var router = Router()
        router.get("/{name}") { request in
            throw HTTPError(.notFound, "no \(request.parameters["name"]!)", headers: ["X-Name": "a"])
        }
        var configuration = ServerConfiguration()
        configuration.errorFormat = .problemDetails
        let client = try TestClient(router: router, configuration: configuration)
        let response = try await client.get("/%22%7D%0D%0A%5C%00")
        let detail = #""detail":"no \"}\r\n\\\u0000""#
        #expect(response.text == #"{"title":"Not Found","status":404,"# + detail + "}")
        #expect(response.headers["X-Name"] == "a")
    }

    @Test("turn the response into a 500 that is logged if they are not valid")
    func invalid() async throws {
        for (format, _) in Self.formats {
            let log = Events()
            var configuration = ServerConfiguration()
            configuration.errorFormat = format
            configuration.log = ClosureLog { log.add($0) }
            let client = try TestClient(router: Self.router(), configuration: configuration)
            for prefix in Self.prefixes {
                let response = try await client.get(prefix + "/invalid")
                #expect(response.status == .internalServerError && response.headers["X-Injected"] == nil)
                let line =
                    "error GET \(prefix)/invalid: the header field Retry-After of the handler's response is not valid"
                #expect(log.all.contains(line), "\(log.all)")
            }
        }
    }
}
