#if Compression
    import HyperServe
    import HyperServeTesting
    import Testing

    @Suite("Compressed streams", .timeLimit(.minutes(20)))
    struct CompressedStreamTests {
        private static let gzip: HeaderFields = ["Accept-Encoding": "gzip"]

        private static func router(_ compression: Compression = Compression()) -> Router {
            var router = Router()
            router.use(compression)
            router.post("/echo/async", body: .stream(upTo: .max)) { request async throws in
                // Read by the one task that writes.
                for try await chunk in request.body.chunks { _ = chunk }
                return .stream(contentType: .plainText, trailers: ["X-Sum"]) { writer in
                    for text in ["one", "", "two"] { try await writer.write(text) }
                    writer.trailers["X-Sum"] = "2"
                }
            }
            router.get("/blocking", .blocking) { _ in
                .blockingStream(contentType: .plainText, trailers: ["X-Sum"]) { writer in
                    for _ in 0..<2000 { try writer.write("Some text that repeats itself. ") }
                    try writer.flush()
                    try writer.flush()
                    writer.trailers["X-Sum"] = "2000"
                }
            }
            for (path, count) in [("/exact", 2000), ("/less", 2001), ("/more", 1999)] {
                router.get(path) { _ in
                    .stream(contentType: .plainText, contentLength: count) { writer in
                        for _ in 0..<2 { try await writer.write([UInt8](repeating: 65, count: 1000)) }
                    }
                }
            }
            return router
        }

        @Test("each piece can be read before the next one is written")
        func flushes() async throws {
            let (gate, open) = AsyncStream.makeStream(of: Void.self)
            var router = Router()
            router.use(Compression())
            router.get("/") { _ in
                .stream(contentType: .plainText) { writer in
                    var turns = gate.makeAsyncIterator()
                    for text in ["one", "two", "three"] {
                        try await writer.write(text)
                        _ = await turns.next()
                    }
                }
            }
            let exchange = try await TestClient(router: router).begin(.get, "/", headers: Self.gzip)
            #expect(try await exchange.headers()["Content-Encoding"] == "gzip")
            #expect(try await exchange.headers()["Content-Length"] == nil)
            let gunzip = Gunzip()
            for text in ["one", "two", "three"] {
                var read: [UInt8] = []
                while read.count < text.utf8.count { read += gunzip.take(try #require(try await exchange.nextChunk())) }
                #expect(read == Array(text.utf8))
                open.yield()
            }
            while let chunk = try await exchange.nextChunk() { #expect(gunzip.take(chunk) == []) }
            #expect(gunzip.isComplete && !gunzip.isBroken)
        }

        @Test("trailers follow, from a task and from a thread")
        func trailers() async throws {
            let client = try TestClient(router: Self.router())
            let task = try await client.post("/echo/async", headers: Self.gzip, body: "body")
            #expect(Gunzip.content(task.body) == Array("onetwo".utf8) && task.trailers["X-Sum"] == "2")
            let thread = try await client.get("/blocking", headers: Self.gzip)
            #expect(thread.trailers["X-Sum"] == "2000" && thread.body.count < 2000)
            #expect(Gunzip.content(thread.body)?.count == 62_000)
        }

        @Test("HEAD has the fields of GET, and nothing is produced")
        func head() async throws {
            let client = try TestClient(router: Self.router())
            let head = try await client.head("/exact", headers: Self.gzip)
            let get = try await client.get("/exact", headers: Self.gzip)
            for name in ["Content-Encoding", "Content-Length", "Transfer-Encoding", "Vary"] {
                #expect(head.headers[name] == get.headers[name], "\(name)")
            }
        }

        @Test("the declared length is checked, although it is not sent")
        func declared() async throws {
            let client = try TestClient(router: Self.router())
            let exact = try await client.get("/exact", headers: Self.gzip)
            #expect(exact.headers["Content-Length"] == nil && Gunzip.content(exact.body)?.count == 2000)
            for path in ["/less", "/more"] {
                // A stream that ended properly would pass for the complete one.
                let exchange = try await client.begin(.get, path, headers: Self.gzip)
                await #expect(throws: TestError.connectionClosed) { try await exchange.response() }
            }
        }

        @Test("a client of HTTP/1.0 reads until the connection ends")
        func old() async throws {
            let client = try TestClient(router: Self.router())
            let request = "GET /exact HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n"
            let response = try await client.send(raw: request)[0]
            #expect(response.headers["Transfer-Encoding"] == nil && Gunzip.content(response.body)?.count == 2000)
        }

        @Test("a large body from a reactor is compressed in pieces", arguments: ["/bytes", "/text"])
        func large(path: String) async throws {
            let bytes = (0..<300_000).map { UInt8(ascii: "a") + UInt8($0 / 7 % 26) }
            var router = Router()
            router.use(Compression())
            router.get("/bytes") { _ in .bytes(bytes, contentType: "text/csv") }
            router.get("/text") { _ in .text(String(decoding: bytes, as: UTF8.self)) }
            let response = try await TestClient(router: router).get(path, headers: Self.gzip)
            #expect(response.headers["Content-Length"] == nil && Gunzip.content(response.body) == bytes)
        }

        @Test("zlib's memory is released, also if the client disconnects")
        func memory() async throws {
            let compression = Compression()
            var router = Self.router(compression)
            let (ended, end) = AsyncStream.makeStream(of: Void.self)
            router.get("/endless") { _ in
                .stream(contentType: .plainText) { writer in
                    defer { end.yield() }
                    while true { try await writer.write((0..<1000).map { _ in UInt8.random(in: 0...127) }) }
                }
            }
            let client = try TestClient(router: router)
            var ends = ended.makeAsyncIterator()
            for _ in 0..<3 {
                let exchange = try await client.begin(.get, "/endless", headers: Self.gzip)
                #expect(try await exchange.nextChunk() != nil)
                #expect(compression.statesInUse == 1)
                exchange.disconnect()
                _ = await ends.next()
            }
            #expect(Gunzip.content(try await client.get("/exact", headers: Self.gzip).body)?.count == 2000)
            // The response arrives shortly before its writer is released.
            while compression.statesInUse > 0 { await client.advance(by: .milliseconds(1)) }
        }
    }
#endif
