import HyperServe
import HyperServeTesting
import Testing

@Suite("Conditional requests", .timeLimit(.minutes(20)))
struct ConditionalRequestTests {
    private static func client() throws -> TestClient {
        var router = Router()
        router.use(ConditionalRequests())
        router.get("/{text}") { request in .text(request.parameters["text"]!) }
        router.get("/strong") { _ in
            Response(
                contentType: .plainText,
                headers: [
                    "ETag": "\"v,1\"", "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT", "Cache-Control": "max-age=1",
                    "Content-Language": "en",
                ], body: .text("strong"))
        }
        router.get("/dated") { _ in
            Response(headers: ["Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT", "ETag": "bad"], body: .text("dated"))
        }
        router.get("/error") { _ in .text("error", status: .badRequest) }
        router.get("/stream") { _ in .stream { try await $0.write("stream") } }
        router.put("/strong") { request in
            switch request.evaluatePreconditions(entityTag: "\"v1\"", lastModified: 784_111_777) {
            case .proceed: .text("done")
            case .notModified: .status(.notModified)
            case .failed: .status(.preconditionFailed)
            }
        }
        return try TestClient(router: router)
    }

    @Test("a response has a tag of its bytes, and is not sent again to a client that has it")
    func tag() async throws {
        let client = try ConditionalRequestTests.client()
        let first = try await client.get("/text")
        let tag = try #require(first.headers["ETag"])
        #expect(tag.hasPrefix("W/\"") && tag.hasSuffix("\""))
        #expect(try await client.get("/text").headers["ETag"] == tag)
        #expect(try await client.get("/texts").headers["ETag"] != tag)
        let again = try await client.get("/text", headers: ["If-None-Match": tag])
        #expect(again.status == .notModified && again.body == [] && again.headers["ETag"] == tag)
        #expect(again.headers["Content-Type"] == nil)
        #expect(try await client.send(.head, "/text", headers: ["If-None-Match": tag]).status == .notModified)
        #expect(try await client.get("/texts", headers: ["If-None-Match": tag]).status == .ok)
        #expect(try await client.get("/error").headers["ETag"] == nil)
        #expect(try await client.get("/stream").headers["ETag"] == nil)
    }

    private static let date = "Sun, 06 Nov 1994 08:49:37 GMT"
    private static let later = "Sunday, 06-Nov-94 08:49:38 GMT"
    private static let earlier = "Sun Nov  6 08:49:36 1994"

    @Test(
        "the fields take precedence as in the standard",
        arguments: [
            (["If-None-Match": "\"v,1\""], 304), (["If-None-Match": "W/\"v,1\""], 304), (["If-None-Match": "*"], 304),
            (["If-None-Match": "\"a\" , W/\"b\",\"v,1\""], 304), (["If-None-Match": "\"v\", 1\""], 200),
            (["If-None-Match": "v,1"], 200), (["If-None-Match": "\"v,1"], 200), (["If-None-Match": ""], 200),
            (["If-None-Match": "\"a\"", "If-Modified-Since": date], 200), (["If-Modified-Since": date], 304),
            (["If-Modified-Since": later], 304), (["If-Modified-Since": earlier], 200),
            (["If-Modified-Since": "yesterday"], 200), (["If-Match": "\"v,1\""], 200), (["If-Match": "*"], 200),
            (["If-Match": "W/\"v,1\""], 412), (["If-Match": "\"a\""], 412), (["If-Match": "garbage"], 412),
            (["If-Unmodified-Since": earlier], 412), (["If-Unmodified-Since": date], 200),
            (["If-Match": "\"v,1\"", "If-Unmodified-Since": earlier], 200),
            (["If-Match": "\"v,1\"", "If-None-Match": "\"v,1\""], 304),
        ] as [(HeaderFields, UInt16)])
    func precedence(headers: HeaderFields, status: UInt16) async throws {
        let response = try await ConditionalRequestTests.client().get("/strong", headers: headers)
        #expect(response.status.code == status)
        guard status == 304 else { return }
        #expect(response.headers["Cache-Control"] == "max-age=1" && response.headers["ETag"] == "\"v,1\"")
        #expect(response.headers["Content-Language"] == nil)
    }

    @Test("handlers that change something evaluate them first")
    func unsafeMethods() async throws {
        let client = try ConditionalRequestTests.client()
        for (headers, status) in [
            (["If-Match": "\"v1\""], 200), (["If-Match": "\"v0\""], 412), (["If-None-Match": "*"], 412),
            (["If-None-Match": "\"v0\""], 200), (["If-Unmodified-Since": ConditionalRequestTests.earlier], 412),
            (["If-Modified-Since": ConditionalRequestTests.later], 200),
        ] as [(HeaderFields, UInt16)] {
            #expect(try await client.put("/strong", headers: headers, body: "").status.code == status)
        }
    }

    @Test(
        "an invalid date and an invalid tag are ignored",
        arguments: [
            "", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 32 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 19940 08:49:37 GMT", "Sun, 06 Foo 2999 08:49:37 GMT", "Sun, 06 Nov 2999 8:49:37 GMT",
            "Sun, 06 Nov 2999 08:49:37 EST", "Sun, -6 Nov 2999 08:49:37 GMT", "9999999999",
        ])
    func malformed(date: String) async throws {
        let client = try ConditionalRequestTests.client()
        #expect(try await client.get("/dated", headers: ["If-Modified-Since": date]).status == .ok)
        #expect(try await client.get("/dated", headers: ["If-None-Match": "bad"]).status == .ok)
    }
}
