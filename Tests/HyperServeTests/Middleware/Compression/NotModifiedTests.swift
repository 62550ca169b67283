#if Compression
    import HyperServe
    import HyperServeTesting
    import Testing

    /// RFC 9110 section 15.4.5: a 304 has the ETag and the Vary that the 200 to the same request would have.
    @Suite("A 304 among middlewares", .timeLimit(.minutes(20)))
    struct NotModifiedTests {
        static let text = String(repeating: "Some text that repeats itself. ", count: 100)

        enum Order: CaseIterable, Sendable {
            case compressionOutside, compressionInside, handler
        }

        private static func client(_ order: Order) throws -> TestClient {
            var router = Router()
            router.use(CORS(origins: .only(["https://a.example"])))
            if order != .compressionInside { router.use(Compression()) }
            if order != .handler { router.use(ConditionalRequests()) }
            if order == .compressionInside { router.use(Compression()) }
            func add(
                _ path: String, _ mode: HandlerMode = .inline, _ make: @escaping @Sendable () -> Response
            ) {
                router.get(path, mode) { request in
                    var response = make()
                    guard order == .handler else { return response }
                    // A handler that compares the tags itself leaves out the body.
                    let tag = response.headers["ETag"]
                    guard request.evaluatePreconditions(entityTag: tag) == .notModified else { return response }
                    response.status = .notModified
                    response.body = .empty
                    return response
                }
            }
            let tag: HeaderFields = ["ETag": "\"v1\""]
            add("/text") { Response(contentType: .plainText, headers: tag, body: .text(text)) }
            add("/blocking", .blocking) { Response(contentType: .plainText, headers: tag, body: .text(text)) }
            add("/large") {
                Response(
                    contentType: .plainText, headers: tag, body: .text(String(repeating: "a", count: 100_000)))
            }
            add("/image") { Response(contentType: "image/png", headers: tag, body: .bytes(Array(text.utf8))) }
            add("/bound") {
                Response(
                    contentType: .plainText, headers: ["ETag": "\"v1\"", "Cache-Control": "no-transform"],
                    body: .text(text))
            }
            add("/weak") { Response(contentType: .plainText, headers: ["ETag": "W/\"v1\""], body: .text(text)) }
            if order != .handler {
                add("/short") { Response(contentType: .plainText, headers: tag, body: .text("short")) }
                add("/untagged") { .text(text) }
                add("/untagged-short") { .text("short") }
                add("/noise") {
                    let noise = (0..<2000).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 167 >> 3) }
                    return Response(contentType: "text/x", headers: tag, body: .bytes(noise))
                }
            }
            return try TestClient(router: router)
        }

        @Test("HEAD has no Content-Length that GET would not have", arguments: [HandlerMode.inline, .blocking])
        func headLength(mode: HandlerMode) async throws {
            var router = Router()
            router.use(Compression())
            router.use(ConditionalRequests())
            router.on(.head, "/", mode) { _ in
                Response(
                    contentType: .plainText, headers: ["Content-Length": "\(Self.text.utf8.count)", "ETag": "\"v1\""])
            }
            router.get("/") { _ in .text(Self.text) }
            let client = try TestClient(router: router)
            let plain = try await client.head("/", headers: ["Accept-Encoding": "identity"])
            #expect(plain.headers["Content-Length"] == "\(Self.text.utf8.count)" && plain.headers["ETag"] == "\"v1\"")
            #expect(plain.headers["Vary"] == "Accept-Encoding" && plain.headers["Content-Encoding"] == nil)
            for coding in ["gzip", "gzip, identity;q=0"] {
                let coded = try await client.head("/", headers: ["Accept-Encoding": coding])
                #expect(coded.headers["Content-Length"] == nil && coded.headers["ETag"] == "W/\"v1\"")
                #expect(coded.headers["Vary"] == "Accept-Encoding" && coded.headers["Content-Encoding"] == "gzip")
                let unsent = try await client.head("/", headers: ["Accept-Encoding": coding, "If-None-Match": "*"])
                #expect(unsent.status == .notModified && unsent.headers["ETag"] == "W/\"v1\"")
                #expect(unsent.headers["Vary"] == "Accept-Encoding")
            }
        }

        @Test(
            "has the ETag and the Vary of its 200, in any order of the middlewares", arguments: Order.allCases,
            ["gzip", "identity", "gzip, identity;q=0", ""])
        func same(order: Order, coding: String) async throws {
            let client = try Self.client(order)
            var paths = ["/text", "/blocking", "/large", "/image", "/bound", "/weak"]
            if order != .handler { paths += ["/short", "/untagged", "/untagged-short", "/noise"] }
            for path in paths {
                for method in [Method.get, .head] {
                    var headers: HeaderFields = ["Origin": "https://a.example"]
                    if !coding.isEmpty { headers["Accept-Encoding"] = coding }
                    let full = try await client.send(method, path, headers: headers)
                    #expect(full.status == .ok)
                    guard let tag = full.headers["ETag"] else {
                        // A streamed body gets no computed tag.
                        #expect(full.headers["Content-Encoding"] == "gzip")
                        continue
                    }
                    headers["If-None-Match"] = tag
                    let unsent = try await client.send(method, path, headers: headers)
                    #expect(unsent.status == .notModified, "\(method) \(path)")
                    for name in ["ETag", "Vary", "Access-Control-Allow-Origin", "Cache-Control"] {
                        #expect(unsent.headers[name] == full.headers[name], "\(method) \(path) \(name)")
                    }
                }
            }
        }
    }
#endif
