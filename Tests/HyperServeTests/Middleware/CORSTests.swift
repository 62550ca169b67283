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

    @Test("a preflight request is answered without authentication")
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

    @Test("an answer says whose pages may use it, and that this depends on the origin")
    func answer() async throws {
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
        "an origin that is not named gets nothing",
        arguments: [
            "https://evil.example", "https://app.example.evil.org", "https://app.example/", "http://app.example",
            "https://app.example:443", "HTTPS://app.example", "null", "*", "https://app.example, https://evil.example",
            "",
        ])
    func foreign(origin: String) async throws {
        let client = try CORSTests.client(CORS(origins: .only([CORSTests.origin]), allowsCredentials: true))
        let preflight = try await client.send(.options, "/api/items", headers: CORSTests.preflight(origin))
        let answer = try await client.put("/api/items", headers: ["Origin": origin], body: "")
        for response in [preflight, answer] {
            for field in response.headers { #expect(!field.name.hasPrefix("Access-Control"), "\(field.name)") }
            #expect(response.headers["Vary"]?.hasSuffix("Origin") == true)
        }
    }

    @Test("every origin may, where that is asked for, but without credentials")
    func any() async throws {
        let client = try CORSTests.client(CORS(origins: .any))
        let headers: HeaderFields = ["Origin": "https://other.example", "Authorization": "Bearer token"]
        let response = try await client.put("/api/items", headers: headers, body: "")
        #expect(response.headers["Access-Control-Allow-Origin"] == "*")
        #expect(response.headers["Access-Control-Allow-Credentials"] == nil)
    }

    @Test("an OPTIONS request that is no preflight goes on")
    func plainOptions() async throws {
        let client = try CORSTests.client(CORS(origins: .any))
        let response = try await client.send(.options, "/api/items", headers: ["Origin": "https://other.example"])
        #expect(response.status == .unauthorized)
    }
}
