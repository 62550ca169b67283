import Glibc
import HyperServe
import TestSupport
import Testing

@Suite("Streamed responses")
struct StreamedResponseTests {
    private static let lineCount = 2000
    private static let lines = (0..<lineCount).map { "row \($0)\n" }.joined()

    private static func rows(contentLength: Int? = nil) -> Router {
        var router = Router()
        router.get("/blocking", .blocking) { _ in
            .blockingStream(contentType: .plainText, contentLength: contentLength) { writer in
                for row in 0..<lineCount { try writer.write("row \(row)\n") }
            }
        }
        router.get("/async") { _ in
            await Task.yield()
            return .stream(contentType: .plainText, contentLength: contentLength) { writer in
                for row in 0..<lineCount { try await writer.write("row \(row)\n") }
            }
        }
        router.get("/inline") { _ in
            .stream(contentType: .plainText, contentLength: contentLength) { writer in
                for row in 0..<lineCount { try await writer.write("row \(row)\n") }
            }
        }
        router.get("/after") { _ in .text("after") }
        return router
    }

    @Test(
        "are chunked, and the next request waits for their end",
        arguments: DriverKind.allCases, ["/blocking", "/async", "/inline"])
    func chunked(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.rows()) { port in
            let client = RawClient(port: port)
            let request = "GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n"
            try client.send(request + "GET /after HTTP/1.1\r\nHost: a\r\n\r\n" + request)
            for isRows in [true, false, true] {
                let response = try client.readResponse()
                #expect(response.status == 200)
                #expect(response.headers["transfer-encoding"] == (isRows ? "chunked" : nil))
                #expect(response.headers["content-length"] == (isRows ? nil : "5"))
                #expect(response.text == (isRows ? Self.lines : "after"))
            }
        }
    }

    @Test("have exactly the declared length", arguments: DriverKind.allCases, ["/blocking", "/async", "/inline"])
    func exactLength(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.rows(contentLength: Self.lines.utf8.count)) { port in
            let client = RawClient(port: port)
            let response = try client.get(path)
            #expect(response.headers["content-length"] == "\(Self.lines.utf8.count)")
            #expect(response.text == Self.lines)
            #expect(try client.get("/after").text == "after")
        }
    }

    @Test("end with the connection in HTTP/1.0", arguments: DriverKind.allCases, ["/blocking", "/async", "/inline"])
    func closeDelimited(driver: DriverKind, path: String) async throws {
        try await withServer(driver, Self.rows()) { port in
            let client = RawClient(port: port)
            try client.send("GET \(path) HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try client.readResponse()
            #expect(response.headers["transfer-encoding"] == nil)
            #expect(response.headers["content-length"] == nil)
            #expect(response.headers["connection"] == "close")
            #expect(response.text == Self.lines)
        }
    }

    @Test("have only a head for HEAD, and the closure is not called", arguments: DriverKind.allCases)
    func head(driver: DriverKind) async throws {
        let events = Events()
        var router = Router()
        router.get("/blocking", .blocking) { _ in .blockingStream { _ in events.add("produced") } }
        router.get("/async") { _ in .stream { _ in events.add("produced") } }
        router.get("/after") { _ in .text("after") }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for path in ["/blocking", "/async"] {
                try client.send("HEAD \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
                let response = try client.readResponse(toHead: true)
                #expect(response.status == 200)
                #expect(response.headers["transfer-encoding"] == "chunked")
                #expect(try client.get("/after").text == "after")
            }
        }
        #expect(events.all == [])
    }

    @Test(
        "are aborted with the connection when they fail or don't have their declared length",
        arguments: DriverKind.allCases, ["blocking", "async"])
    func brokenOff(driver: DriverKind, kind: String) async throws {
        struct Broken: Error {}
        let events = Events()
        var router = Router()
        for (name, length, count, isFailing) in [
            ("fails", nil, 10, true), ("short", 100, 99, false), ("long", 100, 101, false),
        ] {
            router.get("/blocking/\(name)", .blocking) { _ in
                .blockingStream(contentLength: length) { writer in
                    for _ in 0..<count { try writer.write("x") }
                    if isFailing { throw Broken() }
                }
            }
            router.get("/async/\(name)") { _ in
                .stream(contentLength: length) { writer in
                    for _ in 0..<count { try await writer.write("x") }
                    if isFailing { throw Broken() }
                }
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.log = ClosureLog { events.add($0) }
        }
        try await withServer(driver, router, configure: configure) { port in
            for (name, reason) in [
                ("fails", "Broken()"),
                ("short", "fewer bytes were written than the declared Content-Length"),
                ("long", "more bytes were written than the declared Content-Length"),
            ] {
                let client = RawClient(port: port)
                // Of a body that is too long, no more than the declared length is sent.
                if name == "long" {
                    try client.send("GET /\(kind)/long HTTP/1.1\r\nHost: a\r\n\r\n")
                    #expect(try client.readToEnd().count(where: { $0 == UInt8(ascii: "x") }) <= 100)
                } else {
                    #expect(throws: RawClient.Failure.noResponse) { try client.get("/\(kind)/\(name)") }
                }
                try events.wait(for: "error GET /\(kind)/\(name): a streamed response was aborted: \(reason)")
            }
        }
    }

    @Test("carry the trailers that were announced, and no others", arguments: DriverKind.allCases)
    func trailers(driver: DriverKind) async throws {
        var router = Router()
        router.get("/blocking/{name}", .blocking) { request in
            let name = request.parameters["name"]!
            return .blockingStream(trailers: ["X-Sum"]) { writer in
                try writer.write("abc")
                writer.trailers[name] = "42"
            }
        }
        router.get("/async/{name}") { request in
            let name = request.parameters["name"]!
            return .stream(trailers: ["X-Sum"]) { writer in
                try await writer.write("abc")
                writer.trailers[name] = "42"
            }
        }
        router.get("/forbidden") { _ in .stream(trailers: ["Content-Length"]) { _ in } }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            for kind in ["blocking", "async"] {
                let response = try client.get("/\(kind)/X-Sum")
                #expect(response.headers["trailer"] == "X-Sum")
                #expect(response.text == "abc")
                #expect(response.trailers == ["x-sum": "42"])
            }
            #expect(try client.get("/forbidden").status == 500)
            #expect(throws: RawClient.Failure.noResponse) { try client.get("/async/X-Other") }
            #expect(throws: RawClient.Failure.noResponse) { try RawClient(port: port).get("/blocking/X-Other") }
        }
    }

    @Test(
        "wait for a slow reader, and throw when it is too slow", arguments: DriverKind.allCases, ["blocking", "async"])
    func slowReader(driver: DriverKind, kind: String) async throws {
        let events = Events()
        let piece = [UInt8](repeating: 0x61, count: 10_000)
        var router = Router()
        router.get("/blocking", .blocking) { _ in
            .blockingStream { writer in
                defer { events.add("ended") }
                for _ in 0..<100_000 {
                    try writer.write(piece)
                    events.count()
                }
            }
        }
        router.get("/async") { _ in
            .stream { writer in
                defer { events.add("ended") }
                for _ in 0..<100_000 {
                    try await writer.write(piece)
                    events.count()
                }
            }
        }
        let configure = { (configuration: inout ServerConfiguration) in
            configuration.transferGrace = .milliseconds(500)
        }
        try await withServer(driver, router, configure: configure) { port in
            let client = RawClient(port: port, receiveBufferByteCount: 16 * 1024)
            try client.send("GET /\(kind) HTTP/1.1\r\nHost: a\r\n\r\n")
            try events.wait(for: "ended")
            // The buffers of two sockets, and not the gigabyte of the body.
            #expect(events.counted < 1600)
        }
    }

    @Test("throw when the client disconnects", arguments: DriverKind.allCases, ["blocking", "async"])
    func clientLeaves(driver: DriverKind, kind: String) async throws {
        let events = Events()
        let piece = [UInt8](repeating: 0x61, count: 10_000)
        var router = Router()
        router.get("/blocking", .blocking) { _ in
            .blockingStream { writer in
                do { while true { try writer.write(piece) } } catch {
                    events.add("\(error)")
                    throw error
                }
            }
        }
        router.get("/async") { _ in
            .stream { writer in
                do { while true { try await writer.write(piece) } } catch {
                    events.add("\(error)")
                    throw error
                }
            }
        }
        try await withServer(driver, router) { port in
            let client = RawClient(port: port)
            try client.send("GET /\(kind) HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try client.read(100_000)
            client.reset()
            try events.wait(for: "the connection is gone")
        }
    }

    @Test("may echo the request body while it arrives, 16 MiB of it", arguments: DriverKind.allCases)
    func echo(driver: DriverKind) async throws {
        var router = Router()
        router.post("/blocking", .blocking, body: .stream) { request in
            let chunks = request.body.chunks
            return .blockingStream { writer in
                while let chunk = try chunks.nextChunk() { try writer.write(chunk) }
            }
        }
        router.post("/async", body: .stream) { request in
            let chunks = request.body.chunks
            return .stream { writer in
                for try await chunk in chunks { try await writer.write(chunk) }
            }
        }
        router.post("/actor", body: .stream) { request in
            let reader = Reader(request.body.chunks)
            return .stream { writer in
                while let chunk = try await reader.next() { try await writer.write(chunk) }
            }
        }
        let body = (0..<16 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        for path in ["/blocking", "/async", "/actor"] {
            try await withServer(driver, router) { port in
                let client = RawClient(port: port)
                let sender = client.sending(
                    Array("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body)
                let response = try client.readResponse()
                sender.wait()
                #expect(response.body == body)
                try client.send("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nok")
                #expect(try client.readResponse().text == "ok")
            }
        }
    }
}

/// Reads the body as an actor.
private actor Reader {
    private let chunks: BodyChunks

    init(_ chunks: BodyChunks) { self.chunks = chunks }

    func next() async throws -> [UInt8]? {
        var iterator = chunks.makeAsyncIterator()
        return try await iterator.next()
    }
}
