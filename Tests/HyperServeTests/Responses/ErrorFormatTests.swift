import Glibc
import HyperServe
import Testing

/// Every error response that no handler has written, whatever part of the server it comes from.
@Suite("The format of errors", .timeLimit(.minutes(20)))
struct ErrorFormatTests {
    private static let large = "the body is too large: more than 4 bytes, the limit that the route's body: "
    private static let chunked = "Transfer-Encoding: chunked\r\n\r\n"

    /// Errors of handlers and middlewares, of the router, and of responses that can't be sent.
    private static let ofRequests: [ErrorCase] = [
        .get("/throws", 409, "taken", ("x-reason", "stock")),
        .get("/async/throws", 409, "taken", ("x-reason", "stock")),
        .get("/blocking/throws", 409, "taken", ("x-reason", "stock")),
        .get("/other", 500), .get("/fields", 500), .get("/invalid", 500), .get("/async/invalid", 500),
        .get("/blocking/invalid", 500), .get("/invalid/head", 500), .get("/blocking/invalid/head", 500),
        .get("/invalid/stream", 500), .get("/blocking/invalid/stream", 500),
        .get("/basic", 401, nil, ("www-authenticate", "Basic realm=\"a\", charset=\"UTF-8\"")),
        .get("/bearer", 401, nil, ("www-authenticate", "Bearer realm=\"a\"")),
        .get(
            "/bearer", 401, nil, fields: "Authorization: Bearer x\r\n",
            ("www-authenticate", "Bearer realm=\"a\", error=\"invalid_token\"")),
        .get("/limited", 429, nil, ("retry-after", "3600")),
        .get("/conditional", 412, nil, fields: "If-Match: \"other\"\r\n"),
        .get("/nowhere", 404), .get("/throws", 405, nil, method: "DELETE", ("allow", "GET, HEAD, OPTIONS")),
        .get("//nowhere/", 404), .get("/throws", 501, nil, method: "BREW"),
        .post("/json", 415, "The Content-Type must be application/json.", "Content-Length: 1\r\n\r\nx"),
        .post(
            "/small", 413, large + ".collect(upTo:) sets", "Content-Length: 5\r\n\r\nhello"),
        .post("/small", 413, large + ".collect(upTo:) sets", chunked + "5\r\nhello\r\n"),
        .post("/small", 400, "a chunk size is not a hexadecimal number", chunked + "x\r\n"),
        .post("/streamed", 413, large + ".stream(upTo:) sets", "Content-Length: 5\r\n\r\nhello"),
        .post("/streamed", 413, large + ".stream(upTo:) sets", chunked + "5\r\nhello\r\n"),
        .post("/blocking/streamed", 413, large + ".stream(upTo:) sets", chunked + "5\r\nhello\r\n"),
        .post("/streamed", 400, "a chunk size is not a hexadecimal number", chunked + "x\r\n"),
        .get("/waits", 503, "the response took too long"), .get("/blocking/waits", 503, "the response took too long"),
    ]

    /// Errors of requests that can't be read.
    private static let ofHeads: [ErrorCase] = [
        .malformed(400, "the Host field is missing", "GET / HTTP/1.1\r\n\r\n"),
        .malformed(400, "white space before the colon of a field line", "GET / HTTP/1.1\r\nA : b\r\n\r\n"),
        .malformed(414, "the request target is too long", "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\n"),
        .malformed(417, "the expectation is unknown", "GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n"),
        .malformed(
            431, "the request head is too large", "GET / HTTP/1.1\r\nA: \(String(repeating: "a", count: 17_000))\r\n"),
        .malformed(
            431, "too many field lines",
            "GET / HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 101)),
        .malformed(
            501, "the transfer coding is not implemented",
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: br, chunked\r\n\r\n"),
        .malformed(505, "the HTTP version is not supported", "GET / HTTP/2.0\r\n"),
    ]

    private static func configure(
        _ isCustom: Bool, _ change: @escaping (inout ServerConfiguration) -> Void = { _ in }
    ) -> (inout ServerConfiguration) -> Void {
        { configuration in
            configuration.errorFormat = isCustom ? .html : .problemDetails
            change(&configuration)
        }
    }

    @Test("is that of the configuration for all of them", arguments: DriverKind.allCases, [false, true])
    func all(driver: DriverKind, isCustom: Bool) async throws {
        let events = Events()
        let configure = Self.configure(isCustom)
        try await withServer(driver, errorRoutes(events), configure: configure) { port in
            defer { events.add("released") }
            #expect(try RawClient(port: port).get("/limited").text == "ok")
            for error in Self.ofRequests + Self.ofHeads {
                let client = RawClient(port: port)
                try client.send(error.request)
                try client.readResponse().expect(error, isCustom: isCustom)
            }
        }
    }

    @Test("leaves the connection as it would be otherwise", arguments: DriverKind.allCases, [false, true])
    func persistence(driver: DriverKind, isCustom: Bool) async throws {
        let events = Events()
        try await withServer(driver, errorRoutes(events), configure: Self.configure(isCustom)) { port in
            defer { events.add("released") }
            #expect(try RawClient(port: port).get("/limited").text == "ok")
            let persistent = Self.ofRequests.filter { $0.request.hasPrefix("GET ") && $0.status != 503 }
            let client = RawClient(port: port)
            // Pipelined: whatever replaces a response must leave the ones before it alone.
            try client.send(persistent.map { "GET / HTTP/1.1\r\nHost: a\r\n\r\n" + $0.request }.joined())
            for error in persistent {
                #expect(try client.readResponse().text == "ok")
                try client.readResponse().expect(error, isCustom: isCustom)
            }
            for error in Self.ofHeads {
                let client = RawClient(port: port)
                try client.send(error.request)
                #expect(try client.readResponse().headers["connection"] == "close")
                #expect(try client.readToEnd() == [])
            }
        }
    }

    @Test("has no body in responses to HEAD", arguments: DriverKind.allCases, [false, true])
    func head(driver: DriverKind, isCustom: Bool) async throws {
        let events = Events()
        try await withServer(driver, errorRoutes(events), configure: Self.configure(isCustom)) { port in
            defer { events.add("released") }
            #expect(try RawClient(port: port).get("/limited").text == "ok")
            for error in Self.ofRequests + Self.ofHeads where error.request.hasPrefix("GET ") {
                let client = RawClient(port: port)
                let request = "HEAD" + error.request.dropFirst(3)
                try client.send(request.replacing("Host: a\r\n", with: "Host: a\r\nConnection: close\r\n"))
                let response = try client.readResponse(toHead: true)
                #expect(response.status == error.status, "\(error.testDescription)")
                let text = isCustom ? error.html : error.problem
                #expect(response.headers["content-length"] == "\(text.utf8.count)", "\(error.testDescription)")
                #expect(try client.readToEnd() == [], "\(error.testDescription)")
            }
        }
    }

    @Test("is that of the configuration for clients that are too slow", arguments: DriverKind.allCases, [false, true])
    func slow(driver: DriverKind, isCustom: Bool) async throws {
        let configure = Self.configure(isCustom) { configuration in
            configuration.headTimeout = .milliseconds(100)
            configuration.transferGrace = .milliseconds(100)
        }
        let late = "the request took too long to arrive"
        try await withServer(driver, errorRoutes(), configure: configure) { port in
            let cases: [ErrorCase] = [
                .malformed(408, late, "GET / HTTP/1.1\r\nHost"),
                .post("/small", 408, late, "Content-Length: 3\r\n\r\na"),
                .post("/small", 408, late, Self.chunked + "1\r\na\r\n"),
                .post("/streamed", 408, late, "Content-Length: 3\r\n\r\na"),
                .post("/blocking/streamed", 408, late, Self.chunked + "1\r\na\r\n"),
            ]
            for error in cases {
                let client = RawClient(port: port)
                try client.send(error.request)
                try client.readResponse().expect(error, isCustom: isCustom)
            }
        }
    }

    @Test("is that of the configuration for refused connections", arguments: DriverKind.allCases, [false, true])
    func connections(driver: DriverKind, isCustom: Bool) async throws {
        let configure = Self.configure(isCustom) { $0.maximumConnections = 1 }
        try await withServer(driver, errorRoutes(), configure: configure) { port in
            let client = RawClient(port: port)
            #expect(try client.get("/").text == "ok")
            let refused = RawClient(port: port)
            try refused.readResponse().expect(
                .malformed(503, "the server has too many connections", ""), isCustom: isCustom)
            #expect(try client.get("/").text == "ok")
        }
    }

    @Test("is that of the configuration for a full pool", arguments: DriverKind.allCases, [false, true])
    func pool(driver: DriverKind, isCustom: Bool) async throws {
        let events = Events()
        let configure = Self.configure(isCustom) { configuration in
            configuration.blockingThreads = 1...1
            configuration.maximumBlockingQueue = 1
        }
        try await withServer(driver, errorRoutes(events), configure: configure) { port in
            let clients = (0..<2).map { _ in RawClient(port: port) }
            let last = RawClient(port: port)
            try clients[0].send("GET /blocking/held HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "begun")
            try clients[1].send("GET /blocking/held HTTP/1.1\r\nHost: a\r\n\r\n")
            // After the second of these responses, the server has handled what was sent before the first.
            for _ in 0..<2 { #expect(try last.get("/").text == "ok") }
            try last.get("/blocking/held").expect(
                .get("/blocking/held", 503, nil, ("retry-after", "1")), isCustom: isCustom)
            events.add("released")
            for client in clients { #expect(try client.readResponse().text == "held") }
        }
    }
}
