import HyperServe
import Testing

@Suite("A body beyond its limit")
struct BodyLimitTests {
    private struct OwnLimit: RouteConfiguration {
        func configure(_ options: inout RouteOptions) { options.maximumBodyByteCount = 50 }
    }

    private static func router() -> Router {
        var router = Router()
        router.post("/server") { request in .text("\(request.body.count)") }
        router.post("/collect", body: .collect(upTo: 20)) { request in .text("\(request.body.count)") }
        router.post("/stream", body: .stream(upTo: 30)) { request in .text("\(try await count(request))") }
        router.post("/blocking", .blocking, body: .stream(upTo: 30)) { request in
            var count = 0
            while let chunk = try request.body.nextChunk() { count += chunk.count }
            return .text("\(count)")
        }
        router.group("/group") { group in
            group.use(BodyLimit(40))
            group.post("/collect", body: .collect(upTo: 20)) { request in .text("\(request.body.count)") }
            group.post("/stream", body: .stream) { request in .text("\(try await count(request))") }
        }
        router.group("/own") { own in
            own.use(BodyLimit(20))
            own.use(OwnLimit())
            own.post("") { request in .text("\(request.body.count)") }
        }
        router.post("/unlimited", body: .stream) { request in .text("\(try await count(request))") }
        return router
    }

    private static func count(_ request: borrowing Request) async throws -> Int {
        var count = 0
        for try await chunk in request.body.chunks { count += chunk.count }
        return count
    }

    private static let limits: [(path: String, limit: Int, setting: String)] = [
        ("/server", 10, "ServerConfiguration.maximumBodyByteCount"),
        ("/collect", 20, "the route's body: .collect(upTo:)"), ("/stream", 30, "the route's body: .stream(upTo:)"),
        ("/blocking", 30, "the route's body: .stream(upTo:)"), ("/group/collect", 40, "the middleware BodyLimit"),
        ("/group/stream", 40, "the middleware BodyLimit"),
        ("/own", 50, "a middleware's RouteOptions.maximumBodyByteCount"),
    ]

    @Test("gets a 413 that names the limit and its setting, as the log does", arguments: DriverKind.allCases)
    func named(driver: DriverKind) async throws {
        let lines = Events()
        try await withServer(
            driver, Self.router(),
            configure: { configuration in
                configuration.maximumBodyByteCount = 10
                configuration.log = ClosureLog { lines.add($0) }
            },
            { port in
                for (path, limit, setting) in Self.limits {
                    let full = String(repeating: "x", count: limit)
                    let declared = RawClient(port: port)
                    try declared.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(limit)\r\n\r\n\(full)")
                    #expect(try declared.readResponse().text == "\(limit)", "\(path)")
                    let reason = "the body is too large: more than \(limit) bytes, the limit that \(setting) sets"
                    let chunked =
                        "Transfer-Encoding: chunked\r\n\r\n\(String(limit, radix: 16))\r\n\(full)\r\n1\r\nx\r\n"
                    for rest in ["Content-Length: \(limit + 1)\r\n\r\n", chunked] {
                        let client = RawClient(port: port)
                        try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\n\(rest)")
                        let response = try client.readResponse()
                        #expect(response.status == 413, "\(path)")
                        #expect(response.text == reason + "\n", "\(path)")
                        #expect(lines.has("info POST \(path): a request was rejected: \(reason)"), "\(path)")
                    }
                }
            })
    }

    @Test("has none where it is streamed without one", arguments: DriverKind.allCases)
    func unlimited(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumBodyByteCount = 10 }
        try await withServer(driver, Self.router(), configure: configure) { port in
            let client = RawClient(port: port)
            try client.send("POST /unlimited HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
            try client.send([UInt8](repeating: 120, count: 100_000))
            #expect(try client.readResponse().text == "100000")
        }
    }
}
