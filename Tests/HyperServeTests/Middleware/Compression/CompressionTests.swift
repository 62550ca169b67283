#if Compression
    import HyperServe
    import HyperServeTesting
    import Testing

    @Suite("Compressed responses", .timeLimit(.minutes(20)))
    struct CompressionTests {
        static let text = String(repeating: "Some text that repeats itself. ", count: 100)

        private static func client() throws -> TestClient {
            var router = Router()
            router.use(Compression())
            router.get("/text") { _ in .text(text) }
            router.get("/blocking", .blocking) { _ in .text(text) }
            router.get("/json") { _ in try .json([text]) }
            router.get("/short") { _ in .text("short") }
            router.get("/image") { _ in .bytes(Array(text.utf8), contentType: "image/png") }
            router.get("/untyped") { _ in Response(body: .text(text)) }
            router.get("/odd") { _ in .bytes(Array(text.utf8), contentType: " Text/CSV ; charset=utf-8") }
            router.get("/noise") { _ in
                .bytes((0..<2000).map { _ in UInt8.random(in: .min ... .max) }, contentType: "text/x")
            }
            router.get("/empty") { _ in .status(.noContent) }
            router.get("/error") { _ in .text(text, status: .badRequest) }
            return try TestClient(router: router)
        }

        @Test("a client that accepts gzip gets it", arguments: ["/text", "/blocking", "/json", "/odd", "/error"])
        func compressed(path: String) async throws {
            let client = try Self.client()
            let plain = try await client.get(path)
            let small = try await client.get(path, headers: ["Accept-Encoding": "gzip"])
            #expect(Gunzip.content(small.body) == plain.body)
            #expect(small.body.count < plain.body.count / 5)
            #expect(small.headers["Content-Encoding"] == "gzip" && plain.headers["Content-Encoding"] == nil)
            #expect(small.headers["Content-Length"] == "\(small.body.count)")
            // Caches must keep both apart.
            #expect(small.headers["Vary"] == "Accept-Encoding" && plain.headers["Vary"] == "Accept-Encoding")
            #expect(small.status == plain.status && small.headers["Content-Type"] == plain.headers["Content-Type"])
        }

        @Test("HEAD has the fields of GET", arguments: ["gzip", "identity"])
        func head(coding: String) async throws {
            let client = try Self.client()
            let get = try await client.get("/text", headers: ["Accept-Encoding": coding])
            let head = try await client.head("/text", headers: ["Accept-Encoding": coding])
            for name in ["Content-Encoding", "Content-Length", "Content-Type", "Vary"] {
                #expect(head.headers[name] == get.headers[name], "\(name)")
            }
            #expect(head.body == [])
        }

        @Test(
            "a short, incompressible or empty body is not compressed, and the response does not vary",
            arguments: ["/short", "/image", "/untyped", "/empty", "/nowhere"])
        func left(path: String) async throws {
            let client = try Self.client()
            let plain = try await client.get(path)
            let asked = try await client.get(path, headers: ["Accept-Encoding": "gzip"])
            #expect(asked.body == plain.body && asked.status == plain.status)
            #expect(asked.headers["Content-Encoding"] == nil && asked.headers["Vary"] == nil)
        }

        @Test(
            "a client that excludes identity gets gzip even for such a body", arguments: ["/short", "/image"])
        func insisted(path: String) async throws {
            let client = try Self.client()
            let plain = try await client.get(path)
            let coded = try await client.get(path, headers: ["Accept-Encoding": "gzip, identity;q=0"])
            #expect(coded.headers["Content-Encoding"] == "gzip" && Gunzip.content(coded.body) == plain.body)
            // No coding is acceptable: a response is better than none, section 12.5.3.
            let neither = try await client.get(path, headers: ["Accept-Encoding": "gzip;q=0, identity;q=0"])
            #expect(neither.headers["Content-Encoding"] == nil && neither.body == plain.body)
        }

        @Test("a body that would become longer is not compressed")
        func noise() async throws {
            let response = try await Self.client().get("/noise", headers: ["Accept-Encoding": "gzip"])
            #expect(response.headers["Content-Encoding"] == nil && response.body.count == 2000)
            #expect(response.headers["Vary"] == "Accept-Encoding")
        }

        @Test("the media types and the minimum length can be chosen")
        func options() async throws {
            var router = Router()
            router.use(Compression(level: 9, minimumByteCount: 0) { $0 == "image/png" })
            router.get("/") { _ in .bytes([UInt8](repeating: 7, count: 50), contentType: "image/PNG; a=b") }
            router.get("/text") { _ in .text(Self.text) }
            let client = try TestClient(router: router)
            #expect(try await client.get("/", headers: ["Accept-Encoding": "*"]).headers["Content-Encoding"] == "gzip")
            #expect(try await client.get("/text", headers: ["Accept-Encoding": "*"]).headers["Content-Encoding"] == nil)
        }

        @Test("two Accept-Encoding lines are combined, and a very long field is harmless")
        func hostileFields() async throws {
            let client = try Self.client()
            let request = "GET /text HTTP/1.1\r\nHost: a\r\nAccept-Encoding: br\r\nAccept-Encoding: gzip\r\n\r\n"
            #expect(try await client.send(raw: request)[0].headers["Content-Encoding"] == "gzip")
            let long = String(repeating: "a;q=0.1,", count: 1900) + "gzip"
            let response = try await client.get("/text", headers: ["Accept-Encoding": long])
            #expect(response.headers["Content-Encoding"] == "gzip")
        }
    }
#endif
