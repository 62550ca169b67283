import HyperServe
import Testing

@Suite("Multipart requests")
struct MultipartRequestTests {
    /// Routes that respond with the parts, read in a task, on a thread, and from a collected body.
    private static func router(_ limits: MultipartLimits = .init()) -> Router {
        var router = Router()
        router.post("/async", body: .stream) { request in
            var text = ""
            for try await part in try request.multipart(limits: limits) {
                text += describe(part)
                if part.name == "skipped" { continue }
                var count = 0
                for try await chunk in part.chunks { count += chunk.count }
                text += "\(count) "
            }
            return .text(text)
        }
        for (path, mode, body) in [
            ("/blocking", HandlerMode.blocking, BodyMode.stream), ("/inline", .inline, .collect(upTo: 1 << 26)),
        ] {
            router.post(path, mode, body: body) { request in
                var parts = try request.multipart(limits: limits)
                var text = ""
                while let part = try parts.nextPart() {
                    text += describe(part)
                    if part.name == "skipped" { continue }
                    var count = 0
                    while let chunk = try part.nextChunk() { count += chunk.count }
                    text += "\(count) "
                }
                return .text(text)
            }
        }
        router.post("/collect", body: .stream) { request in
            for try await part in try request.multipart() where part.name == "note" {
                return .bytes(try await part.collect(upTo: 5))
            }
            return .status(.notFound)
        }
        router.post("/collect-inline") { request in
            var parts = try request.multipart()
            while let part = try parts.nextPart() {
                if part.name == "note" { return .bytes(try part.collect(upTo: 5)) }
            }
            return .status(.notFound)
        }
        return router
    }

    private static func describe(_ part: MultipartPart) -> String {
        "\(part.name)|\(part.fileName ?? "-")|\(part.contentType ?? "-"):"
    }

    private static func body(fileByteCount: Int, note: String = "hello") -> [UInt8] {
        let start =
            "--xyz\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n\(note)\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"skipped\"\r\n\r\nsome\r\n"
            + "--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\n"
            + "Content-Type: application/octet-stream\r\n\r\n"
        // Full of carriage returns, each of which may begin a boundary.
        let file = (0..<fileByteCount).map { $0 % 64 == 0 ? UInt8(ascii: "\r") : UInt8(truncatingIfNeeded: $0) }
        return Array(start.utf8) + file + Array("\r\n--xyz--\r\n".utf8)
    }

    private static func head(_ path: String, _ count: Int, type: String = "multipart/form-data; boundary=xyz") -> String
    {
        "POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Type: \(type)\r\nContent-Length: \(count)\r\n\r\n"
    }

    @Test("have their parts in order, and the connection persists", arguments: DriverKind.allCases)
    func parts(driver: DriverKind) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            for path in ["/async", "/blocking", "/inline"] {
                for size in [0, 1, 1000, 5_000_000] {
                    let body = Self.body(fileByteCount: size)
                    try client.send(Self.head(path, body.count))
                    try client.send(body)
                    let response = try client.readResponse()
                    #expect(
                        response.text == "note|-|-:5 skipped|-|-:file|a.bin|application/octet-stream:\(size) ",
                        "\(path) \(size)")
                }
            }
        }
    }

    @Test("may arrive byte by byte", arguments: DriverKind.allCases, ["/async", "/blocking"])
    func bytewise(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.router()) { port in
            let client = RawClient(port: port)
            let body = Self.body(fileByteCount: 3)
            try client.send(Self.head(path, body.count))
            for byte in body { try client.send([byte]) }
            #expect(try client.readResponse().text.hasSuffix("octet-stream:3 "))
        }
    }

    @Test("with invalid limits are the handler's mistake: 500, and no trap", arguments: 0..<3)
    func negativeLimits(which: Int) async throws {
        var limits = MultipartLimits()
        if which == 0 { limits.maximumByteCount = -1 }
        if which == 1 { limits.maximumPartCount = -1 }
        if which == 2 { limits.maximumHeaderByteCount = -1 }
        let body = Self.body(fileByteCount: 100)
        try await withServer(.epoll, Self.router(limits)) { port in
            for path in ["/async", "/blocking", "/inline"] {
                let client = RawClient(port: port)
                try client.send(Self.head(path, body.count))
                try client.send(body)
                #expect(try client.readResponse().status == 500)
            }
        }
    }

    @Test("are rejected beyond the limits, and when they are malformed")
    func refused() async throws {
        var limits = MultipartLimits()
        limits.maximumByteCount = 10_000
        limits.maximumPartCount = 3
        let body = Self.body(fileByteCount: 100)
        let cases: [(type: String, body: [UInt8], status: Int)] = [
            ("multipart/form-data; boundary=xyz", body, 200), ("multipart/form-data; boundary=\"xyz\"", body, 200),
            ("Multipart/Form-Data;charset=utf-8; Boundary=xyz", body, 200),
            ("multipart/form-data; boundary=xyz", Self.body(fileByteCount: 10_000), 413),
            ("multipart/form-data; boundary=xyz", Array("--xyz\r\n\r\n\r\n".utf8) + body, 400),
            ("multipart/form-data; boundary=xyz", Array(body.dropLast(6)), 400),
            ("multipart/form-data; boundary=xy", body, 400), ("multipart/form-data", body, 400),
            ("multipart/form-data; boundary=", body, 400), ("multipart/form-data; boundary=\"\"", body, 400),
            ("multipart/form-data; boundary=\"x \"", body, 400),
            ("multipart/form-data; boundary=\"x\\\\y\"", body, 400),
            ("multipart/form-data; boundary=\(String(repeating: "x", count: 71))", body, 400),
            ("multipart/mixed; boundary=xyz", body, 415), ("text/plain", body, 415),
        ]
        try await withServer(.epoll, Self.router(limits)) { port in
            for path in ["/async", "/blocking", "/inline"] {
                for (type, body, status) in cases {
                    let client = RawClient(port: port)
                    try client.send(Self.head(path, body.count, type: type))
                    try client.send(body)
                    #expect(try client.readResponse().status == status, "\(path) \(type)")
                }
            }
        }
    }

    @Test(
        "with malformed parameters get 400 and a reason, not 415: the media type is right",
        arguments: [
            "boundary=a/b", "boundary=--/xyz", "boundary=a b", "boundary=\"a", "boundary", "boundary=xyz; boundary=xyz",
            "boundary=a?b", "boundary=a=b", "boundary=(a)",
        ])
    func malformedParameters(parameters: String) async throws {
        try await withServer(.epoll, Self.router()) { port in
            for path in ["/async", "/blocking", "/inline"] {
                let client = RawClient(port: port)
                try client.send(Self.head(path, 0, type: "multipart/form-data; \(parameters)"))
                let response = try client.readResponse()
                #expect(response.status == 400)
                #expect(response.text.hasPrefix("The parameters of the Content-Type are malformed: "))
            }
        }
    }

    @Test("may have a boundary with a slash in quotation marks", arguments: DriverKind.allCases)
    func quotedSlash(driver: DriverKind) async throws {
        let body = Array("--a/b=?\r\nContent-Disposition: form-data; name=x\r\n\r\nhello\r\n--a/b=?--\r\n".utf8)
        try await withServer(driver, Self.router()) { port in
            for path in ["/async", "/blocking", "/inline"] {
                let client = RawClient(port: port)
                try client.send(Self.head(path, body.count, type: "multipart/form-data; boundary=\"a/b=?\""))
                try client.send(body)
                #expect(try client.readResponse().text == "x|-|-:5 ")
            }
        }
    }

    @Test("return a complete part if it is short enough")
    func collecting() async throws {
        try await withServer(.epoll, Self.router()) { port in
            for path in ["/collect", "/collect-inline"] {
                for (note, status) in [("", 200), ("12345", 200), ("123456", 413)] {
                    let client = RawClient(port: port)
                    let body = Self.body(fileByteCount: 10, note: note)
                    try client.send(Self.head(path, body.count))
                    try client.send(body)
                    let response = try client.readResponse()
                    #expect(response.status == status)
                    if status == 200 { #expect(response.text == note) }
                }
            }
        }
    }
}
