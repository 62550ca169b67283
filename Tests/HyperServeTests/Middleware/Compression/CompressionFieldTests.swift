#if Compression
    import HyperServe
    import HyperServeTesting
    import Testing

    @Suite("The header fields of compressed responses", .timeLimit(.minutes(20)))
    struct CompressionFieldTests {
        private static func response(
            _ fields: HeaderFields, status: Status = .ok, encoding: String = "gzip"
        ) async throws -> TestResponse {
            var router = Router()
            router.use(Compression())
            router.get("/") { _ in
                Response(status: status, contentType: .plainText, headers: fields, body: .text(CompressionTests.text))
            }
            return try await TestClient(router: router).get("/", headers: ["Accept-Encoding": encoding])
        }

        @Test(
            "a response whose fields depend on its bytes is not compressed",
            arguments: [
                ("Content-Encoding", "br"), ("content-encoding", "identity"), ("Content-Range", "bytes 0-1/2"),
                ("Content-Digest", "sha-256=:a:"), ("Repr-Digest", "sha-256=:a:"), ("Content-MD5", "a"),
                ("Cache-Control", "no-transform"), ("cache-control", "max-age=1 , No-Transform,public"),
            ])
        func bound(name: String, value: String) async throws {
            let response = try await Self.response([name: value])
            #expect(response.text == CompressionTests.text)
            #expect(response.headers["Vary"] == nil && response.headers["Content-Length"] == "\(response.body.count)")
        }

        @Test("nor is a part of a representation")
        func partial() async throws {
            #expect(try await Self.response([:], status: .partialContent).text == CompressionTests.text)
        }

        @Test(
            "a tag becomes weak, since the bytes are different",
            arguments: [("\"a\"", "W/\"a\""), ("W/\"a\"", "W/\"a\"")])
        func tag(own: String, sent: String) async throws {
            #expect(try await Self.response(["ETag": own]).headers["ETag"] == sent)
            #expect(try await Self.response(["ETag": own], encoding: "identity").headers["ETag"] == own)
        }

        @Test("ranges are not offered, since the bytes are different")
        func ranges() async throws {
            #expect(try await Self.response(["Accept-Ranges": "bytes"]).headers["Accept-Ranges"] == nil)
            let plain = try await Self.response(["Accept-Ranges": "bytes"], encoding: "br")
            #expect(plain.headers["Accept-Ranges"] == "bytes")
        }

        @Test(
            "Accept-Encoding is added to Vary once",
            arguments: [
                ("Origin", "Origin, Accept-Encoding"), ("accept-encoding", "accept-encoding"), ("*", "*"),
                ("Origin , Accept-Encoding", "Origin , Accept-Encoding"),
            ])
        func vary(own: String, sent: String) async throws {
            #expect(try await Self.response(["Vary": own]).headers["Vary"] == sent)
            let both = try await Self.response(["Vary": "Accept", "vary": own])
            let lines = both.headers.filter { $0.name.lowercased() == "vary" }.map(\.value)
            #expect(lines.joined(separator: ", ") == "Accept, \(sent)")
        }

        @Test("a client that has the compressed response gets 304, with either kind of tag", arguments: [true, false])
        func notModified(isOuter: Bool) async throws {
            var router = Router()
            let middlewares: [any Middleware] = [Compression(), ConditionalRequests()]
            for middleware in isOuter ? middlewares : middlewares.reversed() { router.use(middleware) }
            router.get("/") { _ in .text(CompressionTests.text) }
            router.get("/strong") { _ in
                Response(contentType: .plainText, headers: ["ETag": "\"1\""], body: .text(CompressionTests.text))
            }
            let client = try TestClient(router: router)
            for path in ["/", "/strong"] {
                let first = try await client.get(path, headers: ["Accept-Encoding": "gzip"])
                let tag = try #require(first.headers["ETag"])
                let fields: HeaderFields = ["Accept-Encoding": "gzip", "If-None-Match": tag]
                let second = try await client.get(path, headers: fields)
                #expect(second.status == .notModified && second.body == [])
                #expect(second.headers["ETag"] == tag && second.headers["Vary"] == "Accept-Encoding")
                #expect(second.headers["Content-Encoding"] == nil)
            }
        }
    }
#endif
