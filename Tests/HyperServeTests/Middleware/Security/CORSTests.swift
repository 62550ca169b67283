import HyperServe
import HyperServeTesting
import Testing

@Suite("Cross-origin resource sharing", .timeLimit(.minutes(20)))
struct CORSTests {
    private static let origin = "https://app.example"

    private static func client(_ cors: CORS) throws -> TestClient {
        var router = Router()
        router.group("/api") { api in
            api.use(cors)
            api.use(BearerAuth { $0 == "token" ? "Ada" : nil })
            api.put("/items") { _ in Response(headers: ["Vary": "Accept"], body: .text("items")) }
        }
        return try TestClient(router: router)
    }

    private static func preflight(_ origin: String) -> HeaderFields {
        ["Origin": origin, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-a"]
    }

    @Test("a preflight request needs no authentication")
    func preflight() async throws {
        let client = try CORSTests.client(
            CORS(
                origins: .only([CORSTests.origin]), methods: [.put], headers: ["X-A", "Authorization"],
                allowsCredentials: true, maximumAge: .seconds(60)))
        let response = try await client.send(
            .options, "/api/items", headers: CORSTests.preflight(CORSTests.origin))
        #expect(response.status == .noContent)
        #expect(response.headers["Access-Control-Allow-Origin"] == CORSTests.origin)
        #expect(response.headers["Access-Control-Allow-Credentials"] == "true")
        #expect(response.headers["Access-Control-Allow-Methods"] == "PUT")
        #expect(response.headers["Access-Control-Allow-Headers"] == "X-A, Authorization")
        #expect(response.headers["Access-Control-Max-Age"] == "60")
        let vary = response.headers["Vary"]
        #expect(vary == "Access-Control-Request-Method, Access-Control-Request-Headers, Origin")
    }

    @Test("a response names the allowed origin, and that it varies with the origin")
    func response() async throws {
        let client = try CORSTests.client(
            CORS(origins: .only([CORSTests.origin]), exposedHeaders: ["X-B"], allowsCredentials: true))
        for token in ["token", "wrong"] {
            let headers: HeaderFields = ["Origin": CORSTests.origin, "Authorization": "Bearer \(token)"]
            let response = try await client.put("/api/items", headers: headers, body: "")
            #expect(response.status == (token == "token" ? .ok : .unauthorized))
            #expect(response.headers["Access-Control-Allow-Origin"] == CORSTests.origin)
            #expect(response.headers["Access-Control-Allow-Credentials"] == "true")
            #expect(response.headers["Access-Control-Expose-Headers"] == "X-B")
            #expect(response.headers["Vary"] == (token == "token" ? "Accept, Origin" : "Origin"))
        }
        let same = try await client.put("/api/items", headers: ["Authorization": "Bearer token"], body: "")
        #expect(same.headers["Access-Control-Allow-Origin"] == nil)
        #expect(same.headers["Vary"] == "Accept, Origin")
    }

    @Test(
        "an origin that is not named gets no fields",
        arguments: [
            "https://evil.example", "https://app.example.evil.org", "https://app.example/", "http://app.example",
            "https://app.example:443", "HTTPS://app.example", "null", "*", "https://app.example, https://evil.example",
            "",
        ])
    func foreign(origin: String) async throws {
        let client = try CORSTests.client(CORS(origins: .only([CORSTests.origin]), allowsCredentials: true))
        let preflight = try await client.send(.options, "/api/items", headers: CORSTests.preflight(origin))
        let response = try await client.put("/api/items", headers: ["Origin": origin], body: "")
        for response in [preflight, response] {
            for field in response.headers { #expect(!field.name.hasPrefix("Access-Control"), "\(field.name)") }
            #expect(response.headers["Vary"]?.hasSuffix("Origin") == true)
        }
    }

    @Test("any origin can be allowed, without credentials, and then responses don't vary")
    func any() async throws {
        let client = try CORSTests.client(CORS(origins: .any, exposedHeaders: ["X-B"]))
        for origin in ["https://other.example", nil] {
            var headers: HeaderFields = ["Authorization": "Bearer token"]
            headers["Origin"] = origin
            let response = try await client.put("/api/items", headers: headers, body: "")
            #expect(response.headers["Access-Control-Allow-Origin"] == "*")
            #expect(response.headers["Access-Control-Expose-Headers"] == "X-B")
            #expect(response.headers["Access-Control-Allow-Credentials"] == nil)
            #expect(response.headers["Vary"] == "Accept")
        }
        let preflight = try await client.send(
            .options, "/api/items", headers: CORSTests.preflight("https://other.example"))
        #expect(preflight.headers["Access-Control-Allow-Origin"] == "*")
        #expect(preflight.headers["Access-Control-Allow-Methods"] != nil)
        #expect(preflight.headers["Access-Control-Allow-Credentials"] == nil)
    }

    @Test("every response of named origins varies with the origin", arguments: [origin, "https://evil.example", nil])
    func vary(origin: String?) async throws {
        struct Mistake: Error {}
        for isOutermost in [true, false] {
            var router = Router()
            if isOutermost { router.use(CORS(origins: .only([CORSTests.origin]))) }
            router.use(ConditionalRequests())
            router.use(BearerAuth { $0 == "token" ? "Ada" : nil })
            if !isOutermost { router.use(CORS(origins: .only([CORSTests.origin]))) }
            router.get("/") { _ in .text("ok") }
            router.get("/throws") { _ in throw Mistake() }
            router.get("/refuses") { _ async throws in throw HTTPError(.conflict) }
            router.get("/stream") { _ in .stream { writer in try await writer.write("a") } }
            router.get("/tagged") { _ in Response(headers: ["ETag": "\"a\"", "Vary": "Accept"]) }
            let client = try TestClient(router: router)
            var headers: HeaderFields = ["Authorization": "Bearer token"]
            headers["Origin"] = origin
            var cases: [(Method, String, HeaderFields, UInt16)] = [
                (.get, "/", [:], 200), (.head, "/", [:], 200), (.get, "/throws", [:], 500),
                (.get, "/refuses", [:], 409), (.get, "/nowhere", [:], 404), (.post, "/", [:], 405),
                (.options, "/", [:], 204), (.get, "/stream", [:], 200), (.get, "/", ["If-None-Match": "*"], 304),
                (.get, "/tagged", ["If-None-Match": "\"a\""], 304), (.get, "/tagged", ["If-Match": "\"b\""], 412),
                (.options, "/", ["Access-Control-Request-Method": "GET"], 204),
            ]
            if isOutermost { cases.append((.get, "/", ["Authorization": "Bearer wrong"], 401)) }
            for (method, path, more, status) in cases {
                var all = headers
                for field in more { all[field.name] = field.value }
                let response = try await client.send(method, path, headers: all)
                #expect(response.status.code == status, "\(method) \(path)")
                let vary = response.headers["Vary"]?.split(separator: ", ") ?? []
                #expect(vary.count { $0 == "Origin" } == 1, "\(method) \(path) \(status): \(vary)")
                let allowed = response.headers["Access-Control-Allow-Origin"]
                #expect(allowed == (origin == CORSTests.origin ? origin : nil), "\(method) \(path) \(status)")
            }
        }
    }

    @Test("an OPTIONS request that is not a preflight is passed on")
    func plainOptions() async throws {
        let client = try CORSTests.client(CORS(origins: .any))
        let response = try await client.send(.options, "/api/items", headers: ["Origin": "https://other.example"])
        #expect(response.status == .unauthorized)
    }
}
