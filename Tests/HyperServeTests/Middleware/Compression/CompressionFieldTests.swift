#if Compression
    import HyperServe
    import HyperServeTesting
    import Testing

    @Suite("The fields of compressed answers", .timeLimit(.minutes(20)))
    struct CompressionFieldTests {
        private static func answer(
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
            "an answer that is bound to its bytes keeps them",
            arguments: [
                ("Content-Encoding", "br"), ("content-encoding", "identity"), ("Content-Range", "bytes 0-1/2"),
                ("Content-Digest", "sha-256=:a:"), ("Repr-Digest", "sha-256=:a:"), ("Content-MD5", "a"),
                ("Cache-Control", "no-transform"), ("cache-control", "max-age=1 , No-Transform,public"),
            ])
        func bound(name: String, value: String) async throws {
            let response = try await Self.answer([name: value])
            #expect(response.text == CompressionTests.text)
            #expect(response.headers["Vary"] == nil && response.headers["Content-Length"] == "\(response.body.count)")
        }

        @Test("so does part of a representation")
        func partial() async throws {
            #expect(try await Self.answer([:], status: .partialContent).text == CompressionTests.text)
        }

        @Test(
            "a tag becomes weak, since it stands for other bytes now",
            arguments: [("\"a\"", "W/\"a\""), ("W/\"a\"", "W/\"a\"")])
        func tag(own: String, sent: String) async throws {
            #expect(try await Self.answer(["ETag": own]).headers["ETag"] == sent)
            #expect(try await Self.answer(["ETag": own], encoding: "identity").headers["ETag"] == own)
        }

        @Test("ranges are not offered, since they would be those of other bytes")
        func ranges() async throws {
            #expect(try await Self.answer(["Accept-Ranges": "bytes"]).headers["Accept-Ranges"] == nil)
            let plain = try await Self.answer(["Accept-Ranges": "bytes"], encoding: "br")
            #expect(plain.headers["Accept-Ranges"] == "bytes")
        }

        @Test(
            "Vary is added to, once",
            arguments: [
                ("Origin", "Origin, Accept-Encoding"), ("accept-encoding", "accept-encoding"), ("*", "*"),
                ("Origin , Accept-Encoding", "Origin , Accept-Encoding"),
            ])
        func vary(own: String, sent: String) async throws {
            #expect(try await Self.answer(["Vary": own]).headers["Vary"] == sent)
            let both = try await Self.answer(["Vary": "Accept", "vary": own])
            let lines = both.headers.filter { $0.name.lowercased() == "vary" }.map(\.value)
            #expect(lines.joined(separator: ", ") == "Accept, \(sent)")
        }

        @Test("a client that has the compressed answer is told so, by either tag", arguments: [true, false])
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
