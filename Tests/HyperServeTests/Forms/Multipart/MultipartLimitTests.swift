import HyperServe
import TestSupport
import Testing

@Suite("Limits of multipart requests")
struct MultipartLimitTests {
    /// A route for each way to read, with a limit and without.
    private static func router(_ limits: MultipartLimits = .init()) -> Router {
        var router = Router()
        for (name, body) in [("limited", BodyMode.stream(upTo: 64 << 20)), ("unlimited", .stream)] {
            router.post("/\(name)/async", body: body) { request in
                var count = 0
                for try await part in try request.multipart(limits: limits) {
                    for try await chunk in part.chunks { count += chunk.count }
                }
                return .text("\(count)")
            }
            router.post("/\(name)/blocking", .blocking, body: body) { request in
                var count = 0
                var parts = try request.multipart(limits: limits)
                while let part = try parts.nextPart() {
                    while let chunk = try part.nextChunk() { count += chunk.count }
                }
                return .text("\(count)")
            }
            router.post("/\(name)/collect", body: body) { request in
                var count = 0
                for try await part in try request.multipart(limits: limits) { count += try await part.collect().count }
                return .text("\(count)")
            }
        }
        router.post("/small/collect", body: .stream(upTo: 1000)) { request in
            for try await part in try request.multipart() { return .text("\(try await part.collect().count)") }
            return .status(.notFound)
        }
        router.post("/own/collect", body: .stream) { request in
            for try await part in try request.multipart() { return .bytes(try await part.collect(upTo: 5)) }
            return .status(.notFound)
        }
        router.post("/inline/collect", body: .collect(upTo: 4 << 20)) { request in
            var parts = try request.multipart(limits: limits)
            var count = 0
            while let part = try parts.nextPart() { count += try part.collect().count }
            return .text("\(count)")
        }
        return router
    }

    private static let start = Array("--xyz\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\n".utf8)
    private static let end = Array("\r\n--xyz--\r\n".utf8)

    /// Sends a form with one part of that many bytes. Returns the response.
    private static func upload(_ byteCount: Int, to path: String, port: Int) throws -> RawResponse {
        let client = RawClient(port: port)
        let total = start.count + byteCount + end.count
        try client.send(
            "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"
                + "Content-Length: \(total)\r\n\r\n")
        // The server may refuse it in the middle.
        let sending = client.sending(start + [UInt8](repeating: 120, count: byteCount) + end)
        defer { sending.wait() }
        return try client.readResponse()
    }

    @Test("are the route's: a form of more than 32 MiB is read to its end", arguments: DriverKind.allCases)
    func routeLimit(driver: DriverKind) async throws {
        try await withServer(driver, Self.router()) { port in
            let count = 33 << 20
            for path in ["/limited/async", "/limited/blocking", "/unlimited/async", "/unlimited/blocking"] {
                let response = try Self.upload(count, to: path, port: port)
                #expect(response.text == "\(count)", "\(path)")
            }
        }
    }

    @Test("are the route's, also for a part that is collected", arguments: DriverKind.allCases)
    func collectedParts(driver: DriverKind) async throws {
        try await withServer(driver, Self.router()) { port in
            for path in ["/limited/collect", "/inline/collect"] {
                let response = try Self.upload(2 << 20, to: path, port: port)
                #expect(response.text == "\(2 << 20)", "\(path)")
            }
        }
    }

    @Test("are the server's for a part that is collected where the route has none", arguments: DriverKind.allCases)
    func serverLimit(driver: DriverKind) async throws {
        let configure: (inout ServerConfiguration) -> Void = { $0.maximumBodyByteCount = 100 }
        try await withServer(driver, Self.router(), configure: configure) { port in
            #expect(try Self.upload(100, to: "/unlimited/collect", port: port).text == "100")
            let response = try Self.upload(101, to: "/unlimited/collect", port: port)
            #expect(response.status == 413)
            #expect(
                response.text
                    == "A part of the form is too large: more than 100 bytes, the limit that "
                    + "ServerConfiguration.maximumBodyByteCount sets.")
        }
    }

    @Test("are named by a 413, with the setting that raises them", arguments: DriverKind.allCases)
    func named(driver: DriverKind) async throws {
        let cases: [(path: String, change: @Sendable (inout MultipartLimits) -> Void, reason: String)] = [
            (
                "/limited/async", { $0.maximumByteCount = 200 },
                "The form is too large: more than 200 bytes, the limit that MultipartLimits.maximumByteCount sets."
            ),
            (
                "/unlimited/blocking", { $0.maximumPartCount = 0 },
                "The form is too large: more than 0 parts, the limit that MultipartLimits.maximumPartCount sets."
            ),
            (
                "/inline/collect", { $0.maximumHeaderByteCount = 30 },
                "The header section of a part is too large: more than 30 bytes, the limit that "
                    + "MultipartLimits.maximumHeaderByteCount sets."
            ),
            (
                "/own/collect", { _ in },
                "A part of the form is too large: more than 5 bytes, the limit that collect(upTo:) sets."
            ),
            (
                "/small/collect", { _ in },
                "the body is too large: more than 1000 bytes, the limit that the route's body: .stream(upTo:) sets\n"
            ),
        ]
        for (path, change, reason) in cases {
            var limits = MultipartLimits()
            change(&limits)
            try await withServer(driver, Self.router(limits)) { port in
                let response = try Self.upload(1000, to: path, port: port)
                #expect(response.status == 413)
                #expect(response.text == reason)
            }
        }
    }
}
